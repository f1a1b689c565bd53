// Asks JSON.parse about many texts and prints the answers as json_verdicts.inc, which
// json_verdicts_test.cpp reads:  node json_verdicts.mjs > json_verdicts.inc

const texts = new Set();
const add = (...more) => more.forEach((text) => texts.add(text));

// Top-level values and white space
add('', ' ', 'null', 'true', 'false', '0', '""', '[]', '{}', ' null', 'null ', '\t\n\r null \t\n\r');
add('nul', 'nulll', 'Null', 'NULL', 'tru', 'truee', 'True', 'fals', 'falsey', 'undefined', 'NaN');
add('Infinity', '-Infinity', 'null null', 'null,', ',null', '1 2', '"a" "b"', '{} {}', '[] []', '{}x');
add('\ufeffnull', 'null\ufeff', '\u00a0null', '\u2028null', '\u3000[]', '\u0085[]', '[\u00a0]');
add('/**/null', 'null//', '#null', "'a'", '`a`', 'a', '(null)', 'n ull', 't\nrue', '\\u006eull');

// Numbers
for (const sign of ['', '-', '+', '--', '- ']) {
  for (const whole of ['', '0', '00', '01', '1', '10', '12345678901234567890123', '0x10', '1_000']) {
    for (const rest of ['', '.', '.0', '.5', '.e1', 'e', 'e1', 'E+1', 'e-1', '.5e+01', 'e1.5']) {
      add(sign + whole + rest);
    }
  }
}
add('1e999', '-1e999', '1e-999', '1e+', '1e-', '1e+-1', '1ee1', '1.2.3', '1..2', '1,2', '0b1', '0o7', '1n');
add('9007199254740993', '18446744073709551616', '-9223372036854775809', '0e0', '-0.0', '-e1', '1f', '١');

// Every ASCII character alone, around a value, inside strings, behind a backslash, as white space
for (let code = 0; code < 0x80; ++code) {
  const c = String.fromCharCode(code);
  add(c, c + '1', '1' + c, `"${c}"`, `"12345678${c}"`, `"\\${c}"`, `[${c}]`, `[1${c}2]`, `{${c}}`);
}
for (const c of ['\u0080', '\u009f', 'é', '€', '\u2028', '\u2029', '\ufeff', '\ufffd', '\uffff', '😀']) {
  add(`"${c}"`, `"\\${c}"`, c, `{"${c}":"${c}"}`);
}

// Strings
add('"', '"a', 'a"', '"a""', '"\\', '"\\"', '"\\\\"', '"\\\\\\"', '"\\\\\\""', '"a\\"b"', '"\\"', '""""');
add('"\\u', '"\\u"', '"\\u0"', '"\\u00"', '"\\u004"', '"\\u0041"', '"\\u00411"', '"\\u004g"', '"\\ug041"');
add('"\\U0041"', '"\\u 041"', '"\\u-041"', '"\\u+041"', '"\\x41"', '"\\u00 1"', '"\\u\u0661041"', '"\\uABCD\\uabcd"');
add('"\\ud800"', '"\\udc00"', '"\\ud83d\\ude00"', '"\\ude00\\ud83d"', '"\\ud800\\u"', '"\\ud800\\n"', '"\\uD800x"');
add('"\\u0000"', '"\\u001f"', '"\\/"', '"/"', '"\\\'"', '"\\0"', '"\\v"', '"\\a"', '"\\\n"', '"a\nb"', '"a\tb"');
for (const size of [7, 8, 9, 15, 16, 17]) {
  const run = 'x'.repeat(size);
  add(`"${run}"`, `"${run}`, `"${run}\\"`, `"${run}\\""`, `"${run}\n"`, `"${run}\u0000"`, `"${run}\u007f"`);
  add(`"${run}\\u12"`, `"${run}\\u1234"`, `"${run}\\`, `"${run}é"`, `["${run}",]`, `{"${run}"}`);
}

// Arrays
add('[', ']', '[[', '[]]', '[[]', '[[]]', '[,]', '[1,]', '[,1]', '[1,,2]', '[1 2]', '[1;2]', '[1:2]', '[1,2]');
add(' [ 1 , 2 ] ', '[\n]', '[null,true,false,0,"",[],{}]', '["a"', '["a",', '["a"]]', '[}', '[1}', '(1)', '[-]');
add('[1]x', '[nul]', '[01]', '[1.]', '[.5]', '["\\q"]', '[/**/]', '[...[]]', '[[[[[[[[]]]]]]]]', '[[[[[[[[]]]]]]]');

// Objects
add('{', '}', '{{}}', '{}}', '{,}', '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}');
add('{"a":1}', '{"a":1,"b":2}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a" 1}', '{"a"::1}', '{:1}', '{1:1}');
add("{'a':1}", '{a:1}', '{null:1}', '{"a":1,"a":2}', '{"":0}', '{" ":0}', '{"a":{"b":{"c":[{}]}}}', '{"a":]}');
add('{"a":nope}', '{"a":01.2}', '{"a":"\\q"}', '{"a":1]', '{"a":[1,2}', '{"a",1}', '{"a":1:2}', '{["a"]:1}');
add(' { "a" : 1 , "b" : 2 } ', '{\n"a"\n:\n1\n}', '{"a":1}}', '{"__proto__":1}', '{"\\u0061":1}', '{"\\ud800":1}');

// A message, cut at every place and with each character left out
const message = ' {"event":"j\\u00f6in","data":{"rooms":["a",-1.5e3,null,true]},"id":"7"} ';
for (let i = 0; i <= message.length; ++i) {
  add(message.slice(0, i), message.slice(i), message.slice(0, i) + message.slice(i + 1));
}

const judge = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const literal = (text) =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c || byte === 0x3f
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');

console.log('// Written by json_verdicts.mjs: do not edit.');
for (const text of texts) console.log(`{"${literal(text)}"sv, ${judge(text)}},`);

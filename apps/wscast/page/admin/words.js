// Numbers and times in words.
import {make} from './make.js';

const grouped = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const short = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

export function countWords(number) {
  return number === undefined ? '–' : grouped.format(number);
}

export function rateWords(number) {
  if (number === undefined) return '–';
  return (number < 10 ? short : grouped).format(number);
}

export function bytesWords(number) {
  if (number === undefined) return '–';
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = units.findIndex((_, index) => number < 1000 ** (index + 1));
  const unit = power < 0 ? units.length - 1 : power;
  return `${rateWords(number / 1000 ** unit)} ${units[unit]}`;
}

export function durationWords(seconds) {
  const units = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, length]) => seconds >= length);
  if (first < 0) return '0 s';
  const [name, length] = units[first];
  const words = `${Math.floor(seconds / length)} ${name}`;
  if (first + 1 >= units.length) return words;
  const [lesser, its] = units[first + 1];
  const rest = Math.floor((seconds % length) / its);
  return rest === 0 ? words : `${words} ${rest} ${lesser}`;
}

// A time of the API, in the reader's own zone.
export function moment(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return String(text);
  const two = (number) => String(number).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return make('time', {datetime: text, title: text},
    `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`);
}

// What the API says is wrong, as a sentence.
export function sentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}

export function bytesIn(text) {
  return new TextEncoder().encode(text).length;
}

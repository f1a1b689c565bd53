// Makes elements. A child that is a string becomes text, never HTML: so can be shown what comes from clients.

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
}

export function makeButton(words, action, attributes = {}) {
  const made = make('button', {type: 'button', ...attributes}, words);
  made.addEventListener('click', action);
  return made;
}

// The address of a view.
export function viewAt(...parts) {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function link(parts, words) {
  return make('a', {href: viewAt(...parts)}, words);
}

// A section with a heading and, beside that, what can be done.
export function section(title, beside, ...children) {
  const id = `title-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return make('section', {'aria-labelledby': id},
    make('div', {class: 'title'}, make('h3', {id}, title), make('div', {class: 'line'}, ...beside)), ...children);
}

// A form with one text to look for; `buttons` stand behind it.
export function findForm({id, words, value, buttons, find}) {
  const input = make('input', {id, type: 'search', autocapitalize: 'none', spellcheck: 'false', value,
    'data-testid': id});
  const form = make('form', {class: 'find', role: 'search', autocomplete: 'off'}, labelled(words, input), ...buttons);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    find(input.value);
  });
  return form;
}

// A label with its input.
export function labelled(words, input, hint = '') {
  return make('div', {}, make('label', {class: 'label', for: input.id}, words,
    hint === '' ? '' : make('span', {class: 'optional'}, ` (${hint})`)), input);
}

// The roles are said, too: on a phone its parts are no longer shown as a table. `columns`: {title, kind}.
export function table(label, columns, rows) {
  const head = columns.map(({title, kind}) => make('th', {role: 'columnheader', scope: 'col', class: kind}, title));
  const cell = (content, index) => {
    const {title, kind} = columns[index];
    if (index === 0) return make('th', {role: 'rowheader', scope: 'row', class: kind}, content);
    return make('td', {role: 'cell', class: kind, 'data-title': title}, content);
  };
  return make('table', {role: 'table', 'aria-label': label},
    make('thead', {role: 'rowgroup'}, make('tr', {role: 'row'}, ...head)),
    make('tbody', {role: 'rowgroup'}, ...rows.map((cells) => make('tr', {role: 'row'}, ...cells.map(cell)))));
}

// Terms and what they are.
export function terms(pairs) {
  return make('dl', {}, ...pairs.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)]));
}

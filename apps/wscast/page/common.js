// What the console and the admin page do alike. Text is only ever put in as text, never as HTML.

export function element(id) {
  return document.getElementById(id);
}

export function field(id) {
  return element(id).value;
}

export function jsonProblem(text) {
  if (text.trim() === '') return '';
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return `The data is not JSON: ${error.message}`;
  }
}

export function showProblem(id, fields, words) {
  element(id).textContent = words;
  element(id).hidden = words === '';
  for (const input of document.querySelectorAll(`[aria-describedby="${id}"]`)) {
    input.setAttribute('aria-invalid', String(words !== '' && fields.includes(input.id)));
  }
  if (words === '' || fields.length === 0) return;
  const details = element(fields[0]).closest('details');
  if (details) details.open = true;
  element(fields[0]).focus();
}

export function onSubmit(id, action) {
  element(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}

// Ctrl+Enter in a text area is its form's button.
export function onCtrlEnter(id, button) {
  element(id).addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) element(button).click();
  });
}

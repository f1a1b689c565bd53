// Asks in a dialog before something is done.
import {labelled, make, makeButton} from './make.js';

let number = 0;

// `inputs`: {words, hint, input}. `problem()`: what is wrong with them, or an empty text. Resolves
// with whether to do it.
export function confirmed({title, words, action, inputs = [], problem = () => ''}) {
  const id = `dialog-${++number}`;
  const wrong = make('p', {class: 'problem', role: 'alert', 'data-testid': 'confirm-problem'});
  wrong.hidden = true;
  const form = make('form', {autocomplete: 'off', novalidate: true},
    make('h2', {id}, title), make('p', {class: 'words'}, words),
    ...inputs.map(({words: label, hint, input}) => labelled(label, input, hint)), wrong,
    make('div', {class: 'foot'},
      makeButton('Cancel', () => dialog.close(), {'data-testid': 'cancel'}),
      make('button', {type: 'submit', class: 'primary danger', 'data-testid': 'confirm'}, action)));
  const dialog = make('dialog', {'aria-labelledby': id, 'data-testid': 'dialog'}, form);
  let yes = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    wrong.textContent = problem();
    wrong.hidden = wrong.textContent === '';
    yes = wrong.hidden;
    if (yes) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(yes);
    });
    // Another view, by the browser's Back: nothing is done.
    addEventListener('hashchange', () => dialog.close(), {once: true});
  });
}

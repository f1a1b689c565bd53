// A list of the API, shown a part at a time: what was shown before is dropped.
import {make, makeButton, table} from './make.js';
import {countWords} from './words.js';

export const rowsMax = 100;

// `page`: that of the view. `load(after)` resolves with {items, next, unanswered}; `row(item)` makes the
// cells.
export class PagedList {
  #options;
  #starts = [''];     // Where the parts up to this one begin.
  #next;
  #busy = false;
  #place = make('div');
  #missing = make('p', {class: 'problem', role: 'status', 'data-testid': 'missing'});
  #range = make('span', {class: 'hint', role: 'status'});

  constructor(options) {
    this.#options = options;
    this.#range.dataset.testid = 'range';
    const way = (name, words, step) => {
      const attributes = {class: 'small', 'data-testid': name};
      return makeButton(words, (event) => this.#go(event.currentTarget, step), attributes);
    };
    this.buttons = {
      first: way('first', 'First', () => this.#starts.splice(1)),
      previous: way('previous', 'Previous', () => this.#starts.pop()),
      next: way('next', 'Next', () => this.#starts.push(this.#next)),
    };
    this.refresh = makeButton('Refresh', () => this.show(), {class: 'small', 'data-testid': 'refresh'});
    const {first, previous, next} = this.buttons;
    const attributes = {class: 'pager', 'aria-label': `Parts of ${options.label}`};
    this.pager = make('nav', attributes, this.#range, first, previous, next);
    this.nodes = [this.#missing, this.pager, this.#place];
    this.#enable();
  }

  // Buttons that lead nowhere keep the focus, which a disabled one would lose.
  #enable() {
    const able = {first: this.#starts.length > 1, previous: this.#starts.length > 1, next: this.#next !== undefined};
    for (const [name, button] of Object.entries(this.buttons)) {
      button.setAttribute('aria-disabled', String(!able[name]));
    }
    this.pager.hidden = !able.first && !able.next;
  }

  #go(button, step) {
    if (this.#busy || button.getAttribute('aria-disabled') === 'true') return;
    step();
    this.show();
  }

  async show() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const {items, next, unanswered = []} = await this.#options.load(this.#starts.at(-1));
      this.#next = next;
      this.#draw(items.slice(0, rowsMax));
      const missing = countWords(unanswered.length);
      this.#missing.textContent = unanswered.length === 0 ? '' : `Without ${missing} of the servers: no answer.`;
      this.#options.page.well();
    } catch (error) {
      this.#options.page.fail(error);
    } finally {
      this.#busy = false;
    }
  }

  #draw(items) {
    const {label, columns, row, empty} = this.#options;
    const words = make('p', {class: 'hint', 'data-testid': 'empty'}, empty);
    this.#place.replaceChildren(items.length === 0 ? words : table(label, columns, items.map(row)));
    const before = (this.#starts.length - 1) * rowsMax;
    const [from, to] = [countWords(before + 1), countWords(before + items.length)];
    this.#range.textContent = items.length === 0 ? '' : `${from} to ${to}`;
    this.#enable();
  }
}

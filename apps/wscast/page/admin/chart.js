// A small chart of a figure over the last minutes, newest at the right.

const width = 150;
const height = 36;
const pad = 2;

export class Chart {
  #line = shape('polyline', {class: 'chart-line', 'vector-effect': 'non-scaling-stroke'});
  #area = shape('polygon', {class: 'chart-area'});

  constructor() {
    const viewBox = `0 0 ${width} ${height}`;
    this.box = shape('svg', {class: 'chart', viewBox, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
    this.box.append(this.#area, this.#line);
  }

  // `points`: [age in seconds, value], oldest first; `seconds`: what the whole width is.
  draw(points, seconds) {
    const known = points.filter(([, value]) => value !== undefined);
    const most = Math.max(1e-9, ...known.map(([, value]) => value));
    const at = ([age, value]) => {
      const x = width * (1 - age / seconds);
      const y = height - pad - (height - 2 * pad) * (value / most);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    };
    const line = known.map(at);
    this.#line.setAttribute('points', line.join(' '));
    const end = ([age]) => `${(width * (1 - age / seconds)).toFixed(1)},${height}`;
    this.#area.setAttribute('points', known.length < 2 ? '' : [end(known[0]), ...line, end(known.at(-1))].join(' '));
  }
}

function shape(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// The live figures of the server.
import {Chart} from './chart.js';
import {link, make, section, table} from './make.js';
import {dropCauses, keptSeconds, live, rateBetween} from './live.js';
import {bytesWords, countWords, rateWords} from './words.js';

const causesMax = 12;
const chartSecondsMin = 60;
const causeColumns = [{title: 'Cause'}, {title: 'Since the start', kind: 'number'},
  {title: 'While open', kind: 'number'}];

// Each is a member of samples; of a count its growth a second is shown, by `rate`.
const figures = [
  {title: 'Clients', member: 'clients'},
  {title: 'Authenticated', member: 'authenticated'},
  {title: 'Rooms', member: 'rooms'},
  {title: 'Messages in', member: 'received', rate: rateWords},
  {title: 'Messages out', member: 'sent', rate: rateWords},
  {title: 'Messages dropped', member: 'dropped', rate: rateWords},
  {title: 'Bytes in', member: 'bytesIn', rate: bytesWords},
  {title: 'Bytes out', member: 'bytesOut', rate: bytesWords},
];

function closeCauses(counters) {
  return Object.keys(counters).filter((name) => /^(closed_|close_timeouts|connections_(reset|dropped)$)/.test(name));
}

// The values of a figure, oldest first.
function valuesOf({member, rate}, samples) {
  return samples.map((sample, index) => (rate ? rateBetween(samples[index - 1], sample, member) : sample[member]));
}

class Figure {
  constructor(figure) {
    this.figure = figure;
    this.chart = new Chart();
    const testid = `figure-${figure.title.toLowerCase().replaceAll(' ', '-')}`;
    this.value = make('span', {class: 'value', 'data-testid': testid}, '–');
    this.peak = make('span', {class: 'peak'});
    const unit = figure.rate ? make('span', {class: 'unit'}, ' a second') : '';
    this.item = make('li', {}, make('span', {class: 'name'}, figure.title),
      make('span', {}, this.value, unit), this.chart.box, this.peak);
  }

  draw(samples) {
    const words = this.figure.rate ?? countWords;
    const values = valuesOf(this.figure, samples);
    const now = samples.at(-1).at;
    this.value.textContent = words(values.at(-1));
    const points = values.map((value, index) => [(now - samples[index].at) / 1000, value]);
    this.chart.draw(points, Math.min(keptSeconds, Math.max(chartSecondsMin, points[0][0])));
    const most = Math.max(...values.filter((value) => value !== undefined));
    this.peak.textContent = Number.isFinite(most) ? `highest: ${words(most)}` : '';
  }
}

// How often each cause was counted, the most frequent first.
function causesTable(label, names) {
  const {counters, firstCounters} = live;
  const rows = names.filter((name) => counters[name] > 0)
    .sort((left, right) => counters[right] - counters[left]).slice(0, causesMax)
    .map((name) => [causeWords(name), ...[counters[name], counters[name] - firstCounters[name]].map(countWords)]);
  if (rows.length === 0) return make('p', {class: 'hint'}, 'None since the server started.');
  return table(label, causeColumns, rows);
}

function causeWords(name) {
  return name.replace(/^(dropped|closed)_/, '').replaceAll('_', ' ');
}

function clusterWords(servers) {
  const clients = servers.reduce((sum, {counts}) => sum + counts.clients, 0);
  return `All ${countWords(servers.length)} servers together have ${countWords(clients)} clients.`;
}

export const overview = {
  name: '',
  label: 'Overview',
  open({signal}) {
    const shown = figures.map((figure) => new Figure(figure));
    const problem = make('p', {class: 'problem', 'data-testid': 'live-problem', role: 'status'});
    const together = make('span');
    const cluster = make('p', {class: 'hint', hidden: true}, together, ' ', link(['servers'], 'Each server'));
    const drops = make('div', {'data-testid': 'drops'});
    const closes = make('div', {'data-testid': 'closes'});
    const draw = () => {
      problem.textContent = live.problemWords;
      if (live.samples.length === 0) return;
      for (const figure of shown) figure.draw(live.samples);
      cluster.hidden = live.servers.length < 2;
      together.textContent = clusterWords(live.servers);
      drops.replaceChildren(causesTable('Messages dropped by cause', dropCauses(live.counters)));
      closes.replaceChildren(causesTable('Connections closed by cause', closeCauses(live.counters)));
    };
    live.addEventListener('sample', draw, {signal});
    draw();
    return {
      title: 'Overview',
      nodes: [problem, make('p', {class: 'hint'}, 'Charts show the last 5 minutes at most, while this page is open.'),
        make('ul', {class: 'figures', 'aria-label': 'Figures of this server'}, ...shown.map(({item}) => item)), cluster,
        make('div', {class: 'beside'},
          section('Messages dropped', [], drops), section('Connections closed', [], closes))],
    };
  },
};

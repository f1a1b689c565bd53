// The servers, as they last announced themselves, and their sums.
import {link, make, section, table} from './make.js';
import {live} from './live.js';
import {rowsMax} from './list.js';
import {countWords, durationWords} from './words.js';

const columns = [{title: 'Server', kind: 'id'}, {title: 'Name', kind: 'short'}, {title: 'Version', kind: 'short'},
  {title: 'Up for', kind: 'short'}, {title: 'Clients', kind: 'number'}, {title: 'Authenticated', kind: 'number'},
  {title: 'Rooms', kind: 'number'}];

function row({id, identifier, version, startedAt, self, draining, counts: {clients, authenticated, rooms}}) {
  const badge = (words) => [' ', make('span', {class: 'badge'}, words)];
  const badges = [...(self ? badge('this server') : []), ...(draining ? badge('draining') : [])];
  const seconds = Math.max(0, (Date.now() - Date.parse(startedAt)) / 1000);
  return [make('span', {}, id, ...badges), identifier, version, durationWords(seconds),
    ...[clients, authenticated, rooms].map(countWords)];
}

function sum(servers, count) {
  return servers.reduce((total, {counts}) => total + counts[count], 0);
}

// A room may have members on several servers: a sum would count it more than once.
function totals(servers) {
  const figure = (name, value) => make('li', {}, make('span', {class: 'name'}, name),
    make('span', {class: 'value', 'data-testid': `sum-${name.toLowerCase()}`}, value));
  return make('ul', {class: 'figures', 'aria-label': 'All servers together'},
    figure('Servers', countWords(servers.length)), figure('Clients', countWords(sum(servers, 'clients'))),
    figure('Authenticated', countWords(sum(servers, 'authenticated'))));
}

export const serversView = {
  name: 'servers',
  label: 'Servers',
  open({signal}) {
    const problem = make('p', {class: 'problem', role: 'status'});
    const place = make('div', {class: 'stack'});
    let drawn;
    const draw = () => {
      problem.textContent = live.problemWords;
      const {servers} = live;
      if (servers.length === 0 || servers === drawn) return;
      drawn = servers;
      const rest = servers.length > rowsMax ? [make('p', {class: 'hint'}, `The first ${rowsMax} are shown.`)] : [];
      place.replaceChildren(totals(servers),
        section('Each server', [], table('Servers', columns, servers.slice(0, rowsMax).map(row)), ...rest));
    };
    live.addEventListener('sample', draw, {signal});
    draw();
    const hint = make('p', {class: 'hint'},
      'What a server does is in the overview of its own admin page; that of this one is ', link([], 'here'), '.');
    return {title: 'Servers', nodes: [problem, place, hint]};
  },
};

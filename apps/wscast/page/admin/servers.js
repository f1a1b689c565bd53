// The servers that answer, and their sums.
import {link, make, section, table} from './make.js';
import {live} from './live.js';
import {rowsMax} from './list.js';
import {countWords, durationWords} from './words.js';

const namedMax = 20;

const columns = [{title: 'Server', kind: 'id'}, {title: 'Name', kind: 'short'}, {title: 'Version', kind: 'short'},
  {title: 'Up for', kind: 'short'}, {title: 'Clients', kind: 'number'}, {title: 'Authenticated', kind: 'number'},
  {title: 'Rooms', kind: 'number'}];

// Before the first answer of /servers, and where there is no such call, only this server is known.
function known() {
  if (live.servers) return live.servers;
  const {last} = live;
  return last ? [{id: live.serverId, clients: last.clients, authenticated: last.authenticated, self: true}] : [];
}

function row(server) {
  const badge = (words) => [' ', make('span', {class: 'badge'}, words)];
  const id = [server.id, ...(server.self ? badge('this server') : []), ...(server.draining ? badge('draining') : [])];
  return [make('span', {}, ...id), server.name ?? '–', server.version ?? '–',
    server.seconds === undefined ? '–' : durationWords(server.seconds),
    countWords(server.clients), countWords(server.authenticated), countWords(server.rooms)];
}

function sum(servers, member) {
  return servers.reduce((total, server) => total + server[member], 0);
}

// A room may have members on several servers: a sum would count it more than once.
function totals(servers) {
  const figure = (name, value) => make('li', {}, make('span', {class: 'name'}, name),
    make('span', {class: 'value', 'data-testid': `sum-${name.toLowerCase()}`}, value));
  return make('ul', {class: 'figures', 'aria-label': 'All servers together'},
    figure('Servers', countWords(servers.length)), figure('Clients', countWords(sum(servers, 'clients'))),
    figure('Authenticated', countWords(sum(servers, 'authenticated'))));
}

function missing(ids) {
  if (ids.length === 0) return [];
  const more = ids.length > namedMax ? ` and ${countWords(ids.length - namedMax)} more` : '';
  const names = `${ids.slice(0, namedMax).join(', ')}${more}`;
  return [make('p', {class: 'problem', 'data-testid': 'unanswered'},
    `No answer from ${countWords(ids.length)}: ${names}. Their clients are not counted here.`)];
}

export const serversView = {
  name: 'servers',
  label: 'Servers',
  open({signal}) {
    const place = make('div', {class: 'stack'});
    let drawn;
    const draw = () => {
      if (live.servers !== undefined && live.servers === drawn) return;
      drawn = live.servers;
      const servers = known();
      const rest = servers.length > rowsMax ? [make('p', {class: 'hint'}, `The first ${rowsMax} are shown.`)] : [];
      place.replaceChildren(totals(servers), ...missing(live.unanswered),
        section('Each server', [], table('Servers', columns, servers.slice(0, rowsMax).map(row)), ...rest));
    };
    live.addEventListener('sample', draw, {signal});
    draw();
    const hint = make('p', {class: 'hint'},
      'What a server does is in the overview of its own admin page; that of this one is ', link([], 'here'), '.');
    return {title: 'Servers', nodes: [place, hint]};
  },
};

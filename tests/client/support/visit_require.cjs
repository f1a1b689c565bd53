// The same by require(): URL.
const { connect } = require('../../../clients/js/dist/cjs/index.js');
const { encryption } = require('../../../clients/js/dist/cjs/encryption.js');
const WebSocket = require('../../web/node_modules/ws');

const client = connect(process.argv[2], { token: 'alice', encryption: encryption(), WebSocket });
const room = client.room('ws-default');
room.on('chat', (data) => console.log(`heard: ${data}`));
room.join()
  .then(() => room.publish('chat', 'hi', { echo: true }))
  .then(() => client.close());

// A survey by node-ari-client, as its documentation shows one. It stores
// nothing. Told by the environment: ARI_URL, ARI_USER, ARI_PASSWORD, ARI_APP,
// and MENU and THANKS, media with commas between them. It says "bench: ready",
// and answers a line on its standard input with "bench: " and the number of
// callers who have pressed a key and heard the thank-you.
'use strict';
const client = require('ari-client');
const env = process.env;
let thanked = 0;

async function caller(ari, channel) {
  const menu = ari.Playback();
  channel.once('ChannelDtmfReceived', async () => {
    try {
      await menu.stop();
      const thanks = ari.Playback();
      thanks.once('PlaybackFinished', async () => {
        thanked++;
        await channel.hangup().catch(console.error);
      });
      await channel.play({media: env.THANKS}, thanks);
    } catch (err) {
      console.error(err);
    }
  });
  await channel.play({media: env.MENU}, menu);
}

client.connect(env.ARI_URL, env.ARI_USER, env.ARI_PASSWORD).then(async (ari) => {
  ari.on('StasisStart', (event, channel) => caller(ari, channel).catch(console.error));
  await ari.start(env.ARI_APP);
  process.stdin.on('data', () => console.log('bench: ' + thanked));
  console.log('bench: ready');
}).catch((err) => {
  console.error(err);
  process.exit(1);
});

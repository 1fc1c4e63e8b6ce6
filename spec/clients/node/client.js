// A client of the platform as its documents describe it, over two libraries that
// many programs use. It shares no code with wxbot, nor what wxbot takes for true.
//
//   node client.js URL PORT FOLDER
//
// URL is where the platform is, PORT where pushes come to, FOLDER has the
// libraries; the credentials are in the environment. It prints a line of JSON for
// each answer and each push, and "listening" when it takes pushes.
'use strict';

const http = require('node:http');
const { createRequire } = require('node:module');
const [base, port, folder] = process.argv.slice(2);
const library = createRequire(folder + '/');
const jwt = library('jsonwebtoken');
const WXBizMsgCrypt = library('wechat-crypto');

const { WXBOT_APPID: appid, WXBOT_TOKEN: token, WXBOT_AES_KEY: key } = process.env;
const crypto = new WXBizMsgCrypt(token, key, appid);

function say(name, value) {
  console.log(JSON.stringify({ name, ...value }));
}

async function post(path, body) {
  const response = await fetch(`${base}/openapi/${path}/${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  say(path, { status: response.status, answer });
  return answer;
}

const text = (value) => `<![CDATA[${value}]]>`;

function sealed(path, xml) {
  return post(path, { encrypt: crypto.encrypt(`<xml>${xml}</xml>`) });
}

async function ask(userid, query) {
  const { signature } = await post('sign', { userid });
  await post('aibot', { signature, query });
  // The other way that is documented: signed here, not by the platform.
  await post('aibot', { signature: jwt.sign({ userid }, key), query });
}

function tag() {
  const users = ['u1', 'u2'].map((id) => `<openid>${text(id)}</openid>`);
  return sealed('label/batchset', `<appid>${text('wx1234567890abcdef')}</appid>`
    + `<category>${text('渠道')}</category><label>${text('门店')}</label>`
    + `<desc>${text('来自门店')}</desc><list>${users.join('')}</list>`);
}

async function reply(message) {
  const of = (name) => message.match(
    new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's'))?.[1];
  say('push', { userid: of('userid'), msg: of('msg'), from: of('from') });
  if (of('from') !== '0' || of('msg') === undefined) {
    return;
  }
  await sealed('sendmsg', `<appid>${text(of('appid'))}</appid>`
    + `<openid>${text(of('userid'))}</openid><msg>${text('收到：' + of('msg'))}</msg>`
    + `<channel>${of('channel')}</channel>`);
}

async function receive(request, response) {
  let body = '';
  for await (const part of request.setEncoding('utf8')) {
    body += part;
  }
  const { message, id } = crypto.decrypt(JSON.parse(body).encrypted);
  response.end('success');
  if (id === appid) {
    await reply(message);
  }
}

const server = http.createServer((request, response) => {
  receive(request, response).catch((error) => {
    say('failed', { message: String(error) });
    process.exit(1);
  });
});

ask('u1', '你是谁').then(tag).then(() => {
  server.listen(port, '127.0.0.1', () => console.log('listening'));
});

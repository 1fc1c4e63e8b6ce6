// Libraries of Node as parties of `make bench` (see bench/support/subject.lua):
// `node bench/peers/node.js NAME`. `make bench-peers` installs them.
"use strict";

const crypto = require("crypto");
const readline = require("readline");

// The same as in bench/support/inputs.lua.
const SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const RECEIVE_ID = "wxb11529c136998cb6";

const text = (size) =>
  crypto.randomBytes(size).toString("base64url").slice(0, size);
const claims = (size) => ({ text: text(size - 39), userid: text(16) });

// What each library is asked for: how an input is made, and the call.
const libraries = {
  jsonwebtoken(jwt) {
    const key = crypto.createSecretKey(Buffer.from(SECRET));
    const encode = (object) =>
      jwt.sign(object, key, { algorithm: "HS256", noTimestamp: true });
    const decode = (token) => jwt.verify(token, key, { algorithms: ["HS256"] });
    return {
      encode: [claims, encode],
      decode: [(size) => encode(claims(size)), decode],
    };
  },
  "@wecom/crypto"(wecom) {
    const encrypt = (message) => wecom.encrypt(SECRET, message, RECEIVE_ID);
    return {
      encrypt: [text, encrypt],
      decrypt: [(size) => encrypt(text(size)),
        (sealed) => wecom.decrypt(SECRET, sealed).message],
    };
  },
};

const name = process.argv[2];
let operations;
try {
  operations = libraries[name](require(name));
} catch (error) {
  console.log("absent: " + String(error.message).split("\n")[0]);
  process.exit(0);
}
console.log(Object.keys(operations).join(" "));

let last;
let inputs;
const kept = [];

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [operation, size, count] = line.split(" ");
  const [make, call] = operations[operation];
  if (last !== operation + size) {
    last = operation + size;
    const slots = Math.min(64, Math.max(4, Math.floor(262144 / size)));
    inputs = Array.from({ length: slots }, () => make(Number(size)));
  }
  if (count === "0") {
    console.log(call(inputs[0]));
    return;
  }
  const began = cpu();
  for (let i = 0; i < count; i++) {
    kept[i % inputs.length] = call(inputs[i % inputs.length]);
  }
  console.log((cpu() - began).toFixed(9));
});

// Seals a payment password for one user, order, amount and payee.
// The form is docs/reference/password-envelope.md; the house's half is crate `keypad`.

const APPLICATION = "countinghouse payment password 1";
const utf8 = new TextEncoder();

/** @type {import("./keypad.d.ts").seal} */
export async function seal({ key, nonce, user, order, amountMinor = 0, payee = "", password, at }) {
  const sealer = SUITES[key.suite];
  if (!sealer) throw new RangeError(`unknown suite '${key.suite}'`);
  if (!/^[0-9]{6}$/.test(password)) throw new RangeError("a payment password is six digits");
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw new RangeError("an amount is a whole number of minor units");
  }
  const moment = at ?? new Date();
  const aad = lengthLed([
    APPLICATION,
    key.suite,
    key.key_id,
    nonce,
    user,
    order,
    String(amountMinor),
    payee,
    String(moment.getTime()),
  ]);
  const plain = utf8.encode(password);
  try {
    const { enc, ciphertext } = await sealer(fromBase64(key.public_key), plain, aad);
    return {
      suite: key.suite,
      key_id: key.key_id,
      nonce,
      sealed_at: moment.toISOString(),
      enc: toBase64(enc),
      ciphertext: toBase64(ciphertext),
    };
  } finally {
    plain.fill(0);
  }
}

const SUITES = { hpke: byHpke, "rsa-oaep-256": byRsa };

async function byHpke(publicKey, plain, aad) {
  // Only who needs it loads it.
  const { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import("@hpke/core");
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes128Gcm(),
  });
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const info = utf8.encode(APPLICATION);
  const sealed = await suite.seal({ recipientPublicKey, info }, plain, aad);
  return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) };
}

async function byRsa(publicKey, plain, aad) {
  const { subtle } = globalThis.crypto;
  const rsa = { name: "RSA-OAEP", hash: "SHA-256" };
  const wrapping = await subtle.importKey("spki", publicKey, rsa, false, ["encrypt"]);
  const content = globalThis.crypto.getRandomValues(new Uint8Array(32));
  try {
    const sealing = await subtle.importKey("raw", content, "AES-GCM", false, ["encrypt"]);
    // The content key is used once: that is why its nonce may be zeros.
    const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: aad, tagLength: 128 };
    const ciphertext = new Uint8Array(await subtle.encrypt(how, sealing, plain));
    const enc = new Uint8Array(await subtle.encrypt({ name: "RSA-OAEP" }, wrapping, content));
    return { enc, ciphertext };
  } finally {
    content.fill(0);
  }
}

/** Each part led by its length in four bytes, big-endian, so that no part runs into the next. */
function lengthLed(parts) {
  const bytes = parts.map((part) => utf8.encode(part));
  const out = new Uint8Array(bytes.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  let place = 0;
  for (const part of bytes) {
    view.setUint32(place, part.length);
    out.set(part, place + 4);
    place += 4 + part.length;
  }
  return out;
}

function toBase64(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text) {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}

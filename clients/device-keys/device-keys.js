// Device keys in the browser: hands the API's answers to the browser and the browser's answers back in the
// API's form. No dependency, no build step. The API key stays on the merchant's server, which relays both.

/** base64url without padding. */
export function toBase64url(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of base64url without padding. */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Whether this browser has device keys, and an authenticator of its own that verifies its user. */
export async function isAvailable() {
  const has = globalThis.PublicKeyCredential;
  return has ? has.isUserVerifyingPlatformAuthenticatorAvailable() : false;
}

const descriptor = ({ id, ...rest }) => ({ ...rest, id: fromBase64url(id) });

/**
 * Makes a device key. `options` is `public_key` of `POST /v1/users/{user}/device-key-options`; what comes back, with a
 * `name`, is the body of `POST /v1/users/{user}/device-keys`.
 */
export async function createDeviceKey(options) {
  const publicKey = {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(descriptor),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return {
    credential_id: toBase64url(credential.rawId),
    client_data: toBase64url(credential.response.clientDataJSON),
    attestation_object: toBase64url(credential.response.attestationObject),
  };
}

/** An assertion in the API's form: `device_key` of `POST /v1/orders/{id}/authentication`. */
function answer(credential) {
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  const signed = {
    credential_id: toBase64url(credential.rawId),
    client_data: toBase64url(clientDataJSON),
    authenticator_data: toBase64url(authenticatorData),
    signature: toBase64url(signature),
  };
  return userHandle?.byteLength ? { ...signed, user_handle: toBase64url(userHandle) } : signed;
}

/**
 * Signs an order on a page of the institution. `options` is `public_key` of
 * `POST /v1/orders/{id}/device-key-challenge`.
 */
export async function signOrder(options) {
  const publicKey = {
    ...options,
    challenge: fromBase64url(options.challenge),
    allowCredentials: options.allowCredentials.map(descriptor),
  };
  return answer(await navigator.credentials.get({ publicKey }));
}

/**
 * Confirms an order on the merchant's own page: the browser shows payee and total (Secure Payment Confirmation). `payment` is that
 * of `POST /v1/orders/{id}/device-key-challenge` with this page's origin as `page`. Throws `NotSupportedError` where the
 * browser cannot: then sign on a page of the institution.
 */
export async function confirmPayment(payment) {
  const { total, ...data } = payment;
  const request = new PaymentRequest(
    [
      {
        supportedMethods: "secure-payment-confirmation",
        data: {
          ...data,
          challenge: fromBase64url(data.challenge),
          credentialIds: data.credentialIds.map(fromBase64url),
        },
      },
    ],
    { total: { label: data.payeeName, amount: total } },
  );
  const response = await request.show();
  const signed = answer(response.details);
  // What becomes of the order is the API's to say; the browser's window only closes.
  await response.complete("unknown");
  return signed;
}

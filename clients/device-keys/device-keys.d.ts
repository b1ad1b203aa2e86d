/** base64url without padding. */
export function toBase64url(bytes: ArrayBuffer | ArrayBufferView): string;
/** The bytes of base64url without padding. */
export function fromBase64url(text: string): Uint8Array;
/** Whether this browser has device keys, and an authenticator of its own that verifies its user. */
export function isAvailable(): Promise<boolean>;

/** `public_key` of `POST /v1/users/{user}/device-key-options`. */
export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
/** `public_key` of `POST /v1/orders/{id}/device-key-challenge`. */
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** With a `name`: the body of `POST /v1/users/{user}/device-keys`. Bytes are base64url. */
export interface NewDeviceKey {
  credential_id: string;
  client_data: string;
  attestation_object: string;
}

/** `device_key` of `POST /v1/orders/{id}/authentication`. Bytes are base64url. */
export interface DeviceAnswer {
  credential_id: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
  user_handle?: string;
}

/** `payment` of `POST /v1/orders/{id}/device-key-challenge`. */
export interface PaymentToConfirm {
  challenge: string;
  rpId: string;
  credentialIds: string[];
  instrument: { displayName: string; icon: string; iconMustBeShown: boolean };
  payeeName: string;
  payeeOrigin: string;
  timeout: number;
  total: { currency: string; value: string };
}

/** Makes a device key. */
export function createDeviceKey(options: CreationOptions): Promise<NewDeviceKey>;
/** Signs an order on a page of the institution. */
export function signOrder(options: RequestOptions): Promise<DeviceAnswer>;
/** Confirms an order on the merchant's own page, shown by the browser itself. */
export function confirmPayment(payment: PaymentToConfirm): Promise<DeviceAnswer>;

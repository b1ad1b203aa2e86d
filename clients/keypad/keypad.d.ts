/** The answer of `GET /v1/password-key`. */
export interface PasswordKey {
  key_id: string;
  /** `hpke` or `rsa-oaep-256`. */
  suite: string;
  public_key: string;
}

/** A sealed payment password, as the API takes it. */
export interface Envelope {
  suite: string;
  key_id: string;
  nonce: string;
  sealed_at: string;
  enc: string;
  ciphertext: string;
}

/** What is sealed, and what for. */
export interface Sealing {
  key: PasswordKey;
  /** Of `POST /v1/users/{user}/password-nonce`; for one envelope. */
  nonce: string;
  /** `usr_…` */
  user: string;
  /** The order's `order_no` (of a withdrawal, a blank and the bank account's token behind it), or a purpose such as `password.set`. */
  order: string;
  /** Minor units; 0 for a purpose. */
  amountMinor?: number;
  /** Who is paid; empty for a purpose. */
  payee?: string;
  /** Six digits. */
  password: string;
  /** The moment of sealing; give the server's where the device's clock may be wrong. */
  at?: Date;
}

/**
 * Seals a payment password for one use.
 * @throws RangeError for an unknown suite, a password that is not six digits, or an amount that is none.
 */
export function seal(sealing: Sealing): Promise<Envelope>;

const NOTHING = Buffer.alloc(0);

/**
 * Bytes that arrive in pieces. A single piece is kept as it came; further ones are copied together, so that a sender of
 * one-byte pieces costs their bytes and not an object for each.
 */
export class Gathered {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      this.#bytes = piece;
    } else {
      if (length > this.#bytes.length) {
        const roomier = Buffer.allocUnsafe(length * 2);
        this.#bytes.copy(roomier, 0, 0, this.#length);
        this.#bytes = roomier;
      }
      piece.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** Everything so far; starts over empty. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#length = 0;
    return bytes;
  }
}

// Members of a ZIP archive, read and written: what a workbook is packed in.

const MOST_BYTES = 256 << 20;

/** The members of an archive by name; each is unpacked when it is asked for. */
export class Archive {
  readonly #data: DataView;
  readonly #members = new Map<string, { at: number; packed: number; method: number }>();
  #left = MOST_BYTES;

  constructor(buffer: ArrayBuffer) {
    this.#data = new DataView(buffer);
    const end = this.#end();
    let at = this.#data.getUint32(end + 16, true);
    for (let left = this.#data.getUint16(end + 10, true); left > 0; left -= 1) {
      if (this.#data.getUint32(at, true) !== 0x02014b50) throw damaged();
      const name = this.#data.getUint16(at + 28, true);
      this.#members.set(new TextDecoder().decode(new Uint8Array(buffer, at + 46, name)), {
        method: this.#data.getUint16(at + 10, true),
        packed: this.#data.getUint32(at + 20, true),
        at: this.#data.getUint32(at + 42, true),
      });
      at += 46 + name + this.#data.getUint16(at + 30, true) + this.#data.getUint16(at + 32, true);
    }
  }

  async text(name: string): Promise<string | null> {
    const member = this.#members.get(name);
    if (!member) return null;
    const { at, packed, method } = member;
    if (this.#data.getUint32(at, true) !== 0x04034b50) throw damaged();
    const start = at + 30 + this.#data.getUint16(at + 26, true) + this.#data.getUint16(at + 28, true);
    const bytes = new Uint8Array(this.#data.buffer as ArrayBuffer, start, packed);
    if (method === 0) return new TextDecoder().decode(bytes);
    if (method !== 8) throw damaged();
    return this.#inflated(bytes);
  }

  /** Unpacked with a limit: the sizes that an archive declares are not to be believed. */
  async #inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      this.#left -= value.byteLength;
      if (this.#left < 0) {
        await reader.cancel();
        throw new Error("The workbook unpacks to more than any table needs.");
      }
      text += decoder.decode(value, { stream: true });
    }
  }

  #end(): number {
    for (let at = this.#data.byteLength - 22; at >= Math.max(0, this.#data.byteLength - 65558); at -= 1) {
      if (this.#data.getUint32(at, true) === 0x06054b50) return at;
    }
    throw damaged();
  }
}

export const damaged = () => new Error("The workbook is cut off or damaged. Copy it again, or save it anew.");

/** An archive of texts, packed as they are. */
export function pack(members: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const index: Uint8Array[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(members)) {
    const [title, body] = [new TextEncoder().encode(name), new TextEncoder().encode(text)];
    const sum = crc(body);
    const head = fields([0x04034b50, 4], [20, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [sum, 4], [body.length, 4], [body.length, 4], [title.length, 2], [0, 2]);
    index.push(
      fields([0x02014b50, 4], [20, 2], [20, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [sum, 4], [body.length, 4], [body.length, 4], [title.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]),
      title,
    );
    parts.push(head, title, body);
    at += head.length + title.length + body.length;
  }
  const size = index.reduce((sum, one) => sum + one.length, 0);
  const count = index.length / 2;
  const end = fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [at, 4], [0, 2]);
  return joined([...parts, ...index, end]);
}

function fields(...given: [number, 2 | 4][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(given.reduce((sum, [, size]) => sum + size, 0)));
  let at = 0;
  for (const [value, size] of given) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1;
  return sum;
});

function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

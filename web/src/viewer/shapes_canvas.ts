// Shapes over the slide: asked for by view, drawn on a canvas that moves with it.
import OpenSeadragon from "openseadragon";
import { getSeen, type Box, type OverlayClass, type Seen } from "../api/results";

/** CSS pixels between two clusters, about. */
const CELL = 56;
/** How much of the view's side is asked for beyond it, each way: a small move asks for nothing. */
const MARGIN = 0.3;
const POINT_RADIUS = 4;
/** Milliseconds without a move before the node is asked. */
const PAUSE = 120;

interface Mount {
  viewer: OpenSeadragon.Viewer;
  address: string;
  classes: OverlayClass[];
  opacity: number;
  told: (seen: Seen) => void;
  failed: (thrown: unknown) => void;
}

/** From level-0 pixels to CSS pixels of the viewer: x' = a x + c y + e, y' = b x + d y + f. */
interface Affine {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export class ShapesCanvas {
  #mount: Mount;
  #canvas = document.createElement("canvas");
  #seen: Seen | null = null;
  #asked: Box | null = null;
  #control: AbortController | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(mount: Mount) {
    this.#mount = mount;
    Object.assign(this.#canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", pointerEvents: "none" });
    this.#canvas.dataset["shapes"] = "";
    this.fade(mount.opacity);
    mount.viewer.canvas.append(this.#canvas);
    mount.viewer.addHandler("update-viewport", this.#draw);
    mount.viewer.addHandler("viewport-change", this.#lookSoon);
    mount.viewer.addHandler("resize", this.#lookSoon);
    this.again();
  }

  fade(opacity: number): void {
    this.#canvas.style.opacity = String(opacity);
  }

  /** Ask for what is in view, whatever was asked before. */
  again(): void {
    this.#asked = null;
    void this.#look();
  }

  close(): void {
    const { viewer } = this.#mount;
    clearTimeout(this.#pause);
    this.#control?.abort();
    viewer.removeHandler("update-viewport", this.#draw);
    viewer.removeHandler("viewport-change", this.#lookSoon);
    viewer.removeHandler("resize", this.#lookSoon);
    this.#canvas.remove();
  }

  #lookSoon = (): void => {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#look(), PAUSE);
  };

  async #look(): Promise<void> {
    const box = this.#view();
    if (!box || (this.#asked && this.#serves(this.#asked, box))) return;
    const wanted = widen(box);
    this.#asked = wanted;
    this.#control?.abort();
    const control = (this.#control = new AbortController());
    try {
      const seen = await getSeen(this.#mount.address, wanted, control.signal);
      if (control.signal.aborted) return;
      this.#seen = seen;
      this.#mount.told(seen);
      this.#draw();
    } catch (thrown) {
      if (control.signal.aborted) return;
      this.#asked = null;
      this.#mount.failed(thrown);
    }
  }

  /** Whether what was asked for shows the view too: it covers it, and is not too coarse or too fine for it. */
  #serves(asked: Box, box: Box): boolean {
    const covers =
      asked.x <= box.x && asked.y <= box.y && asked.x + asked.width >= box.x + box.width && asked.y + asked.height >= box.y + box.height;
    return covers && (asked.cell === box.cell || (this.#seen !== null && !this.#seen.clusters && asked.cell > box.cell));
  }

  /** The view's bounds in level-0 pixels; of a rotated view those of the rectangle around it. */
  #view(): Box | null {
    const item = this.#mount.viewer.world.getItemAt(0);
    if (!item) return null;
    const { viewport } = this.#mount.viewer;
    const bounds = item.viewportToImageRectangle(viewport.getBounds(true)).getBoundingBox();
    const cell = 2 ** Math.round(Math.log2(Math.max(CELL / item.viewportToImageZoom(viewport.getZoom(true)), 1)));
    return { x: bounds.x, y: bounds.y, width: bounds.width, height: bounds.height, cell };
  }

  #affine(): Affine | null {
    const item = this.#mount.viewer.world.getItemAt(0);
    if (!item) return null;
    const { viewport } = this.#mount.viewer;
    const at = (x: number, y: number) => viewport.pixelFromPoint(item.imageToViewportCoordinates(x, y, true), true);
    const [zero, right, down] = [at(0, 0), at(1000, 0), at(0, 1000)];
    return {
      a: (right.x - zero.x) / 1000,
      b: (right.y - zero.y) / 1000,
      c: (down.x - zero.x) / 1000,
      d: (down.y - zero.y) / 1000,
      e: zero.x,
      f: zero.y,
    };
  }

  #draw = (): void => {
    const context = this.#canvas.getContext("2d");
    const place = this.#affine();
    if (!context || !place) return;
    const ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = this.#canvas;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    if (!this.#seen) return;
    const { points, outlines, clusters } = this.#seen;
    if (outlines) this.#drawOutlines(context, outlines, place);
    if (points) this.#drawPoints(context, points, place);
    if (clusters) this.#drawClusters(context, clusters, place);
  };

  #colour(label: number | undefined): string {
    return this.#mount.classes[label ?? 0]?.colour ?? "#e69f00";
  }

  #drawPoints(context: CanvasRenderingContext2D, points: NonNullable<Seen["points"]>, place: Affine): void {
    context.lineWidth = 1.5;
    context.strokeStyle = "#ffffff";
    points.x.forEach((x, index) => {
      const [left, top] = onScreen(place, x, points.y[index] ?? 0);
      context.fillStyle = this.#colour(points.label[index]);
      context.beginPath();
      context.arc(left, top, POINT_RADIUS, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }

  #drawOutlines(context: CanvasRenderingContext2D, { at, xy, label }: NonNullable<Seen["outlines"]>, place: Affine): void {
    context.lineWidth = 2;
    context.lineJoin = "round";
    at.forEach((start, index) => {
      const end = at[index + 1] ?? xy.length / 2;
      context.strokeStyle = this.#colour(label[index]);
      context.beginPath();
      for (let pair = start; pair < end; pair += 1) context.lineTo(...onScreen(place, xy[2 * pair] ?? 0, xy[2 * pair + 1] ?? 0));
      context.closePath();
      context.stroke();
    });
  }

  /** The larger the count, the larger the disc; the count stands in it. */
  #drawClusters(context: CanvasRenderingContext2D, { x, y, count, label }: NonNullable<Seen["clusters"]>, place: Affine): void {
    const most = count.reduce((one, other) => Math.max(one, other), 1);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = "600 11px system-ui, sans-serif";
    context.lineWidth = 2;
    x.forEach((one, index) => {
      const many = count[index] ?? 0;
      const [left, top] = onScreen(place, one, y[index] ?? 0);
      const text = short(many);
      const radius = Math.max(9 + 13 * Math.sqrt(many / most), many > 1 ? 4 + 3.4 * text.length : POINT_RADIUS);
      context.fillStyle = "rgb(255 255 255 / 92%)";
      context.strokeStyle = this.#colour(label[index]);
      context.beginPath();
      context.arc(left, top, many > 1 ? radius : POINT_RADIUS, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
      if (many === 1) return;
      context.fillStyle = "#1f1a2c";
      context.fillText(text, left, top);
    });
  }
}

const onScreen = ({ a, b, c, d, e, f }: Affine, x: number, y: number): [number, number] => [a * x + c * y + e, b * x + d * y + f];

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
/** `12`, `1.2K`. */
const short = (many: number) => compact.format(many);

function widen({ x, y, width, height, cell }: Box): Box {
  const [more, taller] = [width * MARGIN, height * MARGIN];
  return {
    x: Math.floor(x - more),
    y: Math.floor(y - taller),
    width: Math.ceil(width + 2 * more),
    height: Math.ceil(height + 2 * taller),
    cell,
  };
}

// Overlays in the viewer: pictures that lie over the slide's tiles, shapes on canvases above.
import OpenSeadragon from "openseadragon";
import type { Overlay, Seen } from "../api/results";
import type { Level } from "../api/types";
import { pyramid } from "./pyramid";
import { ShapesCanvas } from "./shapes_canvas";

export interface Shown {
  name: string;
  overlay: Overlay;
  opacity: number;
  told: (seen: Seen) => void;
  failed: (thrown: unknown) => void;
}

/** One of the two lies in the viewer; a picture comes a moment after it was asked for. */
interface Item {
  shown: Shown;
  picture: OpenSeadragon.TiledImage | null;
  canvas: ShapesCanvas | null;
}

export class OverlayItems {
  #viewer: OpenSeadragon.Viewer;
  #levels: Level[];
  #items = new Map<string, Item>();

  constructor(viewer: OpenSeadragon.Viewer, levels: Level[]) {
    this.#viewer = viewer;
    this.#levels = levels;
  }

  /** How many items of the viewer's world are pictures of these. */
  get pictures(): number {
    return [...this.#items.values()].filter((item) => item.picture).length;
  }

  add(shown: Shown): void {
    this.remove(shown.name);
    const item: Item = { shown, picture: null, canvas: null };
    this.#items.set(shown.name, item);
    if (shown.overlay.shapes) item.canvas = new ShapesCanvas(this.#mount(shown, shown.overlay.shapes));
    else if (shown.overlay.tiles) this.#addPicture(item, shown.overlay.tiles);
  }

  fade(name: string, opacity: number): void {
    const item = this.#items.get(name);
    if (!item) return;
    item.shown.opacity = opacity;
    item.picture?.setOpacity(opacity);
    item.canvas?.fade(opacity);
  }

  remove(name: string): void {
    const item = this.#items.get(name);
    this.#items.delete(name);
    item?.canvas?.close();
    if (item?.picture) this.#viewer.world.removeItem(item.picture);
  }

  /** Whether a tile that did not come was one of these; its overlay is told. */
  isTold(picture: OpenSeadragon.TiledImage, thrown: unknown): boolean {
    const item = [...this.#items.values()].find((one) => one.picture === picture);
    item?.shown.failed(thrown);
    return item !== undefined;
  }

  /** Ask again for shapes; pictures are asked for with the slide's. */
  again(): void {
    for (const { canvas } of this.#items.values()) canvas?.again();
  }

  close(): void {
    for (const { canvas } of this.#items.values()) canvas?.close();
    this.#items.clear();
  }

  #mount(shown: Shown, address: string) {
    const { overlay, opacity, told, failed } = shown;
    return { viewer: this.#viewer, address, classes: overlay.classes, opacity, told, failed };
  }

  #addPicture(item: Item, template: string): void {
    this.#viewer.addTiledImage({
      tileSource: pyramid(this.#levels, template) as unknown as OpenSeadragon.TileSourceSpecifier,
      opacity: item.shown.opacity,
      success: (event) => {
        const picture = (event as unknown as { item: OpenSeadragon.TiledImage }).item;
        if (this.#items.get(item.shown.name) !== item) return this.#viewer.world.removeItem(picture);
        item.picture = picture;
        picture.setOpacity(item.shown.opacity);
      },
    });
  }
}

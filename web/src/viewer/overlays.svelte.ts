// The results of a slide as layers over it: which are shown, how strongly, and what went wrong.
import { asProblem, type Problem } from "../api/problem";
import { getOverlay, type Colours, type Overlay, type Result, type Seen } from "../api/results";
import type { Glass } from "./glass.svelte";

const DRAWN = new Set<Result["kind"]>(["mask", "heatmap", "geometry"]);
/** Tissue stays readable under it. */
const PICTURE_OPACITY = 0.55;
const SHAPES_OPACITY = 0.9;
/** Of heatmaps, in the order in which they are shown. */
const MAPS = ["aurora", "ember"];
/** So many colours of classes the node has. */
const COLOURS = 255;

export const isDrawn = (result: Result): boolean => DRAWN.has(result.kind);

export class Layer {
  readonly result: Result;
  overlay = $state.raw<Overlay | null>(null);
  isShown = $state(false);
  isOpening = $state(false);
  /** None until it is first shown. */
  colours: Colours | null = null;
  opacity = $state(0);
  problem = $state.raw<Problem | null>(null);
  seen = $state.raw<Seen | null>(null);

  constructor(result: Result) {
    this.result = result;
    this.opacity = result.kind === "geometry" ? SHAPES_OPACITY : PICTURE_OPACITY;
  }

  get name(): string {
    return `${this.result.key}/${this.result.output}`;
  }
}

export class Overlays {
  layers = $state.raw<Layer[]>([]);
  #glass: Glass | null = null;
  #wanted: string;
  #hidden: Layer[] = [];
  #classes = 0;
  #heatmaps = 0;
  #coloured: Promise<void> = Promise.resolve();

  /** The layers of `wanted`, the key of a result, are shown as soon as they are known. */
  constructor(wanted = "") {
    this.#wanted = wanted;
  }

  /** Layers of an answer; those that are there already stay as they are. */
  take(results: Result[]): void {
    const known = new Map(this.layers.map((layer) => [layer.name, layer]));
    this.layers = results.filter(isDrawn).map((result) => {
      const layer = new Layer(result);
      return known.get(layer.name) ?? layer;
    });
    const wanted = this.#wanted;
    this.#wanted = "";
    if (wanted) for (const layer of this.layers) if (layer.result.key === wanted) void this.#show(layer);
  }

  /** Show what is on in this viewer, or in none. */
  attach(glass: Glass | null): void {
    this.#glass = glass;
    for (const layer of this.layers) if (layer.isShown) this.#add(layer);
  }

  async toggle(layer: Layer): Promise<void> {
    if (layer.isShown) this.#hide(layer);
    else await this.#show(layer);
  }

  fade(layer: Layer, opacity: number): void {
    layer.opacity = opacity;
    this.#glass?.overlays.fade(layer.name, opacity);
  }

  /** Ask again for what did not come. */
  async again(layer: Layer): Promise<void> {
    this.#hide(layer);
    layer.overlay = null;
    await this.#show(layer);
  }

  /** Take all layers off the slide, or put back those that were on it. */
  toggleAll(): void {
    const shown = this.layers.filter((layer) => layer.isShown);
    const back = this.#hidden;
    this.#hidden = shown;
    for (const layer of shown) this.#hide(layer);
    if (shown.length === 0) for (const layer of back) void this.#show(layer);
  }

  async #show(layer: Layer): Promise<void> {
    layer.isShown = true;
    layer.problem = null;
    if (!layer.overlay) {
      layer.isOpening = true;
      try {
        await this.#open(layer);
      } catch (thrown) {
        layer.problem = asProblem(thrown);
        layer.isShown = false;
      } finally {
        layer.isOpening = false;
      }
    }
    if (layer.isShown) this.#add(layer);
  }

  /** Each in colours that no other has; how many one needs is known once it is there. */
  async #open(layer: Layer): Promise<void> {
    const before = this.#coloured;
    const opened = (async () => {
      await before.catch(() => undefined);
      const isKnown = layer.colours !== null;
      const isMap = layer.result.kind === "heatmap";
      const next = isMap ? { map: MAPS[this.#heatmaps % MAPS.length] ?? "" } : { first: 1 + (this.#classes % COLOURS) };
      const colours: Colours = layer.colours ?? next;
      layer.overlay = await getOverlay(layer.result, colours);
      layer.colours = colours;
      if (isKnown) return;
      if (isMap) this.#heatmaps += 1;
      else this.#classes += layer.overlay.classes.length;
    })();
    this.#coloured = opened;
    await opened;
  }

  #hide(layer: Layer): void {
    layer.isShown = false;
    layer.seen = null;
    this.#glass?.overlays.remove(layer.name);
  }

  #add(layer: Layer): void {
    if (!layer.overlay) return;
    this.#glass?.overlays.add({
      name: layer.name,
      overlay: layer.overlay,
      opacity: layer.opacity,
      told: (seen) => {
        layer.seen = seen;
        layer.problem = null;
      },
      failed: () => void this.#askWhy(layer),
    });
  }

  /** A part did not come: ask the node whether the result may still be seen. */
  async #askWhy(layer: Layer): Promise<void> {
    if (layer.problem || layer.isOpening) return;
    layer.isOpening = true;
    try {
      await getOverlay(layer.result, layer.colours ?? {});
      layer.problem = asProblem(new Error("Some parts of this layer did not load."));
    } catch (thrown) {
      this.#hide(layer);
      layer.problem = asProblem(thrown);
    } finally {
      layer.isOpening = false;
    }
  }
}

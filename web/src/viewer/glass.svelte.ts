// The slide under the lens: one OpenSeadragon viewer, what it shows now, and the acts on it.
import OpenSeadragon from "openseadragon";
import type { Image } from "../api/types";
import { readLayers, writeLayers, type Layers } from "./layers";
import { mppAt } from "./magnification";
import { OverlayItems } from "./overlay_items";
import { readPlace, writePlace, type SlidePlace } from "./place";
import { pyramid } from "./pyramid";

interface Mount {
  element: HTMLElement;
  navigator: HTMLElement;
  image: Image;
  tilesFailed: () => void;
}

export class Glass {
  /** Where the view is; null until the slide is open. */
  place = $state.raw<SlidePlace | null>(null);
  /** Level-0 pixels under the pointer; null when it is elsewhere. */
  cursor = $state.raw<{ x: number; y: number } | null>(null);
  isOpen = $state(false);
  /** The focal plane and the channels shown. */
  layers: Layers;
  /** What lies over the slide: in the viewer's world always above the slide itself. */
  readonly overlays: OverlayItems;

  #viewer: OpenSeadragon.Viewer;
  #image: Image;
  #element: HTMLElement;
  #written = "";

  constructor({ element, navigator, image, tilesFailed }: Mount) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    forestallInlineStyle();
    this.#image = image;
    this.layers = $state.raw(readLayers(location.hash, image));
    this.#element = element;
    this.#viewer = new OpenSeadragon.Viewer({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      showNavigator: true,
      navigatorElement: navigator,
      navigatorBorderColor: "transparent",
      navigatorDisplayRegionColor: "#ad2f5b",
      animationTime: calm ? 0 : 0.6,
      springStiffness: 8,
      immediateRender: calm,
      maxZoomPixelRatio: 8,
      minZoomImageRatio: 0.6,
      // A panel that opens must not change the magnification.
      preserveImageSizeOnResize: true,
      visibilityRatio: 0.4,
      zoomPerScroll: 1.25,
      zoomPerClick: 1,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      timeout: 60000,
      tileRetryMax: 1,
      tileRetryDelay: 800,
      imageLoaderLimit: 8,
      maxImageCacheCount: 600,
      placeholderFillStyle: null,
      imageSmoothingEnabled: true,
      smoothTileEdgesMinZoom: Number.POSITIVE_INFINITY,
      crossOriginPolicy: false,
    } as unknown as OpenSeadragon.Options);
    this.overlays = new OverlayItems(this.#viewer, image.levels);
    this.#listen(tilesFailed);
    // The types know a tile source only by its options; the viewer takes the source itself.
    this.#viewer.open(this.#source() as unknown as OpenSeadragon.TileSourceSpecifier);
  }

  /** Micrometres for each CSS pixel of the screen; null where the scanner did not say. */
  get mpp(): number | null {
    return this.place && this.#image.mpp_x ? this.place.z * this.#image.mpp_x : null;
  }

  zoomBy(factor: number): void {
    this.#viewer.viewport.zoomBy(factor);
    this.#viewer.viewport.applyConstraints();
  }

  /** Move by a share of what is visible; positive is right and down. */
  panBy(right: number, down: number): void {
    const { viewport } = this.#viewer;
    const size = viewport.getBoundsNoRotate();
    const step = new OpenSeadragon.Point(right * size.width, down * size.height);
    viewport.panBy(step.rotate(-viewport.getRotation()));
    viewport.applyConstraints();
  }

  home(): void {
    this.#viewer.viewport.setRotation(0);
    this.#viewer.viewport.goHome();
  }

  turn(degrees: number): void {
    const { viewport } = this.#viewer;
    viewport.setRotation(viewport.getRotation() + degrees);
  }

  /** Zoom as an objective of this magnification would. */
  magnify(magnification: number): void {
    if (!this.#image.mpp_x) return;
    this.#zoomTo(mppAt(magnification) / this.#image.mpp_x);
  }

  goTo(place: SlidePlace, immediately = false): void {
    const { viewport } = this.#viewer;
    viewport.setRotation(place.r, immediately);
    viewport.panTo(this.#viewer.world.getItemAt(0).imageToViewportCoordinates(place.x, place.y), immediately);
    this.#zoomTo(place.z, immediately);
    viewport.applyConstraints(immediately);
  }

  /** Show other layers: the ones before stay under them until all that is seen has come. */
  show(layers: Layers): void {
    this.layers = layers;
    this.#writeAddress();
    this.#viewer.addTiledImage({
      tileSource: this.#source() as unknown as OpenSeadragon.TileSourceSpecifier,
      index: this.#viewer.world.getItemCount() - this.overlays.pictures,
      success: (event) => this.#cover((event as unknown as { item: OpenSeadragon.TiledImage }).item),
    });
  }

  /** Focus `steps` planes further on, or back. */
  focusBy(steps: number): void {
    const plane = Math.max(0, Math.min(this.layers.plane + steps, this.#image.focal_planes - 1));
    if (plane !== this.layers.plane) this.show({ ...this.layers, plane });
  }

  /** Ask again for tiles that did not come. */
  retry(): void {
    this.#viewer.world.resetItems();
    this.#viewer.forceRedraw();
    this.overlays.again();
  }

  close(): void {
    window.removeEventListener("hashchange", this.#followAddress);
    this.#element.removeEventListener("pointermove", this.#followPointer);
    this.#element.removeEventListener("pointerleave", this.#losePointer);
    this.overlays.close();
    this.#viewer.destroy();
  }

  #listen(tilesFailed: () => void): void {
    this.#viewer.addHandler("open", () => {
      const wanted = readPlace(location.hash);
      if (wanted) this.goTo(wanted, true);
      this.isOpen = true;
      this.#look();
    });
    this.#viewer.addHandler("viewport-change", () => this.#look());
    this.#viewer.addHandler("resize", () => this.#look());
    this.#viewer.addHandler("animation-finish", () => this.#writeAddress());
    this.#viewer.addHandler("tile-load-failed", ({ tiledImage, message }) => {
      if (!this.overlays.isTold(tiledImage, message)) tilesFailed();
    });
    // The page has its own keys, the same wherever the focus is.
    this.#viewer.addHandler("canvas-key", (event) => {
      (event as { preventDefaultAction?: boolean }).preventDefaultAction = true;
    });
    window.addEventListener("hashchange", this.#followAddress);
    this.#element.addEventListener("pointermove", this.#followPointer);
    this.#element.addEventListener("pointerleave", this.#losePointer);
  }

  #source(): OpenSeadragon.TileSource {
    const query = writeLayers(this.layers, this.#image);
    return pyramid(this.#image.levels, this.#image.tiles + (query && `?${query}`));
  }

  /** Take away what lies under `item`: what nobody waits for at once, what is seen when `item` is there. */
  #cover(item: OpenSeadragon.TiledImage): void {
    const { world } = this.#viewer;
    const clear = (lowest: number) => {
      for (let index = world.getIndexOfItem(item) - 1; index >= lowest; index -= 1) world.removeItem(world.getItemAt(index));
    };
    clear(1);
    if (item.getFullyLoaded()) clear(0);
    else item.addOnceHandler("fully-loaded-change", () => clear(0));
  }

  #zoomTo(z: number, immediately = false): void {
    const item = this.#viewer.world.getItemAt(0);
    if (!item) return;
    this.#viewer.viewport.zoomTo(item.imageToViewportZoom(1 / z), undefined, immediately);
  }

  #look(): void {
    const item = this.#viewer.world.getItemAt(0);
    if (!item) return;
    const { viewport } = this.#viewer;
    const centre = item.viewportToImageCoordinates(viewport.getCenter(true));
    this.place = {
      x: centre.x,
      y: centre.y,
      z: 1 / item.viewportToImageZoom(viewport.getZoom(true)),
      r: viewport.getRotation(true),
    };
  }

  #writeAddress(): void {
    if (!this.place || !this.isOpen) return;
    const layers = writeLayers(this.layers, this.#image);
    this.#written = writePlace(this.place) + (layers && `&${layers}`);
    history.replaceState(history.state, "", location.pathname + location.search + this.#written);
  }

  #followAddress = (): void => {
    if (location.hash === this.#written) return;
    const layers = readLayers(location.hash, this.#image);
    if (writeLayers(layers, this.#image) !== writeLayers(this.layers, this.#image)) this.show(layers);
    const wanted = readPlace(location.hash);
    if (wanted) this.goTo(wanted);
  };

  #followPointer = (event: PointerEvent): void => {
    const item = this.#viewer.world.getItemAt(0);
    if (!item || event.pointerType === "touch") return;
    const frame = this.#element.getBoundingClientRect();
    const pixel = new OpenSeadragon.Point(event.clientX - frame.left, event.clientY - frame.top);
    const point = item.viewportToImageCoordinates(this.#viewer.viewport.pointFromPixel(pixel, true));
    const { columns, rows } = this.#image;
    const isOn = point.x >= 0 && point.y >= 0 && point.x < columns && point.y < rows;
    this.cursor = isOn ? { x: point.x, y: point.y } : null;
  };

  #losePointer = (): void => {
    this.cursor = null;
  };
}

/**
 * The library adds a style element where it finds none of its own, which a strict content security policy refuses.
 * What it finds here bears the name `style` in a namespace of its own: it is found, and it styles nothing.
 */
function forestallInlineStyle(): void {
  const mark = "data-openseadragon-mobile-css";
  if (document.querySelector(`style[${mark}]`)) return;
  const standIn = document.createElementNS("urn:bigpicture", "style");
  standIn.setAttribute(mark, "");
  document.head.append(standIn);
}

// The other images of a dataset, in the catalogue's order.
import { getImages } from "../api/doors";
import type { ImageCard } from "../api/types";

const PAGE = 200;
const MOST_PAGES = 10;

export class Neighbours {
  images = $state.raw<ImageCard[]>([]);
  #dataset = "";

  /** Fetch pages until `image` is among them; a dataset once fetched is kept while one steps through it. */
  async around(dataset: string, image: string): Promise<void> {
    if (this.#dataset === dataset && this.images.some((one) => one.accession === image)) return;
    this.#dataset = dataset;
    let found: ImageCard[] = [];
    let after: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer: Awaited<ReturnType<typeof getImages>> = await getImages(dataset, { after, limit: PAGE });
      if (this.#dataset !== dataset) return;
      found = [...found, ...answer.items];
      this.images = found;
      after = answer.next;
      if (!after || found.some((one) => one.accession === image)) return;
    }
  }

  /** The image `steps` further (or before); null at either end. */
  beside(image: string, steps: number): ImageCard | null {
    const here = this.images.findIndex((one) => one.accession === image);
    return here < 0 ? null : (this.images[here + steps] ?? null);
  }
}

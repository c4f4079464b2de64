// A pyramid as OpenSeadragon reads it: levels of any ratio, tiles of any size, padding never shown.
import OpenSeadragon from "openseadragon";
import type { Level } from "../api/types";

/**
 * A tile source over the levels of an image.
 *
 * The node's level 0 is the finest, OpenSeadragon's the coarsest. A DICOM edge frame is stored whole and padded
 * (PS3.3 C.8.12.14): it is cut to the level as it arrives, so that not even smoothing reaches into the padding.
 * Each level is stretched over the same extent, so that rounding in its size never shifts it.
 */
export function pyramid(levels: Level[], template: string): OpenSeadragon.TileSource {
  const fineToCoarse = [...levels].sort((one, other) => one.level - other.level);
  const finest = fineToCoarse[0];
  if (!finest) throw new Error("This image has no levels.");
  const ordered = fineToCoarse.reverse();
  const aspect = finest.rows / finest.columns;
  const at = (level: number): Level => ordered[Math.min(level, ordered.length - 1)] ?? finest;

  const source = new OpenSeadragon.TileSource({
    width: finest.columns,
    height: finest.rows,
    tileWidth: finest.tile_columns,
    tileHeight: finest.tile_rows,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: ordered.length - 1,
  });
  source.getLevelScale = (level) => at(level).columns / finest.columns;
  source.getTileWidth = (level) => at(level).tile_columns;
  source.getTileHeight = (level) => at(level).tile_rows;
  source.getNumTiles = (level) => {
    const { columns, rows, tile_columns, tile_rows } = at(level);
    return new OpenSeadragon.Point(Math.ceil(columns / tile_columns), Math.ceil(rows / tile_rows));
  };
  source.getTileAtPoint = ((level: number, point: OpenSeadragon.Point) => {
    const { columns, rows, tile_columns, tile_rows } = at(level);
    const tiles = source.getNumTiles(level);
    const column = Math.floor((point.x * columns) / tile_columns);
    const row = Math.floor(((point.y / aspect) * rows) / tile_rows);
    return new OpenSeadragon.Point(within(column, tiles.x), within(row, tiles.y));
  }) as unknown as typeof source.getTileAtPoint;
  source.getTileBounds = (level, column, row, isSource) => {
    const { columns, rows, tile_columns, tile_rows } = at(level);
    const left = column * tile_columns;
    const top = row * tile_rows;
    const width = Math.min(tile_columns, columns - left);
    const height = Math.min(tile_rows, rows - top);
    if (isSource) return new OpenSeadragon.Rect(0, 0, width, height);
    return new OpenSeadragon.Rect(left / columns, (top / rows) * aspect, width / columns, (height / rows) * aspect);
  };
  const download = source.downloadTileStart.bind(source);
  source.downloadTileStart = (job) => {
    const { level, x, y } = (job as unknown as { tile: OpenSeadragon.Tile }).tile;
    const { tile_columns, tile_rows } = at(level);
    const { width, height } = source.getTileBounds(level, x, y, true);
    if (width === tile_columns && height === tile_rows) download(job);
    else downloadCut(job as unknown as Job, width, height);
  };
  source.getTileUrl = (level, column, row) => tileAddress(template, at(level).level, column, row);
  return source;
}

/** `template` is `/tiles/{image}/{level}/{column}_{row}` with the image filled in. */
export function tileAddress(template: string, level: number, column: number, row: number): string {
  return template
    .replace("{level}", String(level))
    .replace("{column}", String(column))
    .replace("{row}", String(row));
}

/** What the library hands over for one tile, as far as it is needed here. */
interface Job {
  src: string;
  userData: Record<string, unknown>;
  finish(data: unknown, request: null, type: string): void;
  fail(message: string, request: null): void;
}

/** Fetch a frame and keep its top left `width` × `height` pixels. */
function downloadCut(job: Job, width: number, height: number): void {
  const frame = new Image();
  // The library takes its handlers away from here when the tile is no longer wanted.
  job.userData["imageRequest"] = frame;
  frame.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    if (!context) return job.fail("The browser gave no canvas.", null);
    context.drawImage(frame, 0, 0);
    job.finish(context, null, "context2d");
  };
  frame.onerror = frame.onabort = () => job.fail("The frame did not come.", null);
  frame.src = job.src;
}

function within(index: number, count: number): number {
  return Math.max(0, Math.min(index, count - 1));
}

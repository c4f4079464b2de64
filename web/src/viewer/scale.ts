// The scale bar: the longest round length that fits.

export interface ScaleBar {
  micrometres: number;
  /** CSS pixels. */
  width: number;
}

/** `mpp` is micrometres per CSS pixel on the screen; the bar is 1, 2 or 5 times a power of ten. */
export function scaleBar(mpp: number, widest: number): ScaleBar {
  const longest = mpp * widest;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = [5, 2, 1].find((one) => one * power <= longest * (1 + 1e-9)) ?? 1;
  const micrometres = step * power;
  return { micrometres, width: micrometres / mpp };
}

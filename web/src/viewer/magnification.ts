// Magnification as pathologists say it: 10 µm per pixel is 1×, so 0.25 µm is 40×.

/** The objectives of a microscope. */
export const OBJECTIVES = [1.25, 5, 10, 20, 40] as const;

export const magnificationAt = (mpp: number): number => 10 / mpp;
export const mppAt = (magnification: number): number => 10 / magnification;

/** `0.82×`, `12.5×`, `40×`. */
export function sayMagnification(value: number): string {
  return `${Number(value.toPrecision(3))}×`;
}

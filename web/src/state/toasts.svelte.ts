// Short messages at the edge of the page.

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  act: { label: string; run: () => void } | null;
}

let toasts = $state<Toast[]>([]);
let last = 0;

export const messages = {
  get all() {
    return toasts;
  },
};

/** Show a message; one with an act stays until it is answered or dismissed. Returns how to take it away. */
export function tell(text: string, options: { tone?: Toast["tone"]; act?: Toast["act"] } = {}): () => void {
  const toast: Toast = { id: ++last, text, tone: options.tone ?? "plain", act: options.act ?? null };
  toasts = [...toasts.filter((other) => other.text !== text), toast];
  const dismiss = () => dismissToast(toast.id);
  if (!toast.act) setTimeout(dismiss, 4500);
  return dismiss;
}

export function dismissToast(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id);
}

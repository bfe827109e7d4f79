// Returns the texts of the page that stand out less than 4.5 to 1, as WCAG 2.2 computes it.
const channels = (colour) => {
  const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
const luminance = (colour) => {
  const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const faint = [];
for (const element of document.querySelectorAll("[data-testid=stMainBlockContainer] *")) {
  const words = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join("").trim();
  const box = element.getBoundingClientRect();
  // An icon is a letter of a font, and what cannot be used need not be read.
  if (!words || !box.width || element.closest("[data-testid=stIconMaterial], :disabled, script, style")) continue;
  const above = [];
  for (let at = element; at; at = at.parentElement) above.unshift(getComputedStyle(at));
  let ground = [255, 255, 255, 1], opacity = 1;
  for (const style of above) {
    ground = over(channels(style.backgroundColor), ground);
    opacity *= Number(style.opacity);
  }
  const own = above.at(-1);
  if (own.stroke !== "none") continue; // the edge below a text of the map
  const [r, g, b, a] = channels(element instanceof SVGElement ? own.fill : own.color);
  const lights = [over([r, g, b, a * opacity], ground), ground].map(luminance).sort();
  const ratio = (lights[1] + 0.05) / (lights[0] + 0.05);
  if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.className}: ${words.slice(0, 40)}`);
}
return faint;

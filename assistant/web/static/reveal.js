// Scrolls to the entry that stands in this element's data-row: it may lie below a chart.
(() => {
  const { row } = document.currentScript.dataset;
  const heads = document.querySelectorAll(`[data-row="${row}"]:not(script)`);
  heads[heads.length - 1]?.scrollIntoView({ block: "nearest" });
})();

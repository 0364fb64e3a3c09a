// Draws the model's charts beside those that are shown, out of sight, and changes them over when
// it is done: no moment without a chart, however fast they come.
async function render({ model, el }) {
  el.classList.add("agreements-chart");
  el.style.cssText = "position: relative; width: 100%; min-width: 0;";
  const actions = { export: true, source: false, compiled: false, editor: false };
  let shown = [];
  let busy = false;
  let again = false;
  let width = 0;
  async function draw() {
    if (!width) return; // JupyterLab keeps what is off screen off the page: drawn when it is on it
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const next = document.createElement("div");
    next.style.cssText = "position: absolute; visibility: hidden; inset: 0 0 auto 0;";
    el.append(next);
    const made = [];
    try {
      for (const { titles, spec } of structuredClone(model.get("charts"))) {
        const [head, chart] = ["p", "div"].map((tag) => next.appendChild(document.createElement(tag)));
        for (const [n, words] of titles.entries()) {
          const line = head.appendChild(document.createElement(n ? "small" : "b"));
          line.textContent = words; // as text it breaks into lines on a narrow page
          line.style.display = "block";
        }
        head.style.cssText = "font-size: 1.15em; line-height: 1.35; margin: 0.4em 0;";
        chart.style.cssText = "width: 100%; overflow-x: auto;";
        if (el.clientWidth < 480) {
          spec.config = { ...spec.config, legend: { ...spec.config?.legend, columns: 1, titleOrient: "top" } };
          if (spec.columns) spec.columns = 1; // panels below each other
        }
        made.push(await vegaEmbed(chart, spec, { mode: "vega-lite", renderer: "svg", actions }));
      }
    } catch (error) {
      console.error(error);
    }
    next.style.cssText = "";
    el.replaceChildren(next);
    el.dataset.drawn = Number(el.dataset.drawn ?? 0) + 1;
    shown.forEach((each) => each.finalize());
    shown = made;
    busy = false;
    if (again) {
      again = false;
      await draw();
    }
  }
  const sized = new ResizeObserver(() => {
    if (el.clientWidth && el.clientWidth !== width) {
      width = el.clientWidth;
      draw();
    }
  });
  model.on("change:charts", draw);
  sized.observe(el);
  return () => {
    sized.disconnect();
    shown.forEach((each) => each.finalize());
  };
}
export default { render };

for (const figure of document.querySelectorAll("figure.chart")) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  if (figure.clientWidth < 480) {
    spec.config = { ...spec.config, legend: { ...spec.config?.legend, columns: 1 } };
    if (spec.columns) spec.columns = 1; // panels below each other
  }
  const actions = { export: true, source: false, compiled: false, editor: false };
  // ast: expressions are interpreted, so that the page may forbid every other script
  vegaEmbed(figure.querySelector(".live"), spec, { mode: "vega-lite", ast: true, renderer: "svg", actions })
    .then(() => figure.classList.add("alive"))
    .catch((error) => console.error(error));
}

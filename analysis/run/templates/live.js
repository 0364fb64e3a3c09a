const drawn = (place, spec) =>
  // ast: expressions are interpreted, so that the page may forbid every other script
  vegaEmbed(place, spec, { mode: "vega-lite", ast: true, renderer: "svg", actions: false });

const chosen = (spec) => (spec.params ?? []).filter((param) => param.bind).map((param) => param.name);

async function save(figure, spec, view, type) {
  const titled = await drawn(document.createElement("div"), spec);
  for (const name of chosen(spec)) titled.view.signal(name, view.signal(name));
  await titled.view.runAsync();
  const link = document.createElement("a");
  link.href = await titled.view.toImageURL(type, 2);
  link.download = `${document.body.dataset.file}-${figure.dataset.file}.${type}`;
  link.click();
  titled.finalize();
}

function alive(figure, spec, view) {
  figure.classList.add("alive");
  // the figure's description speaks for the chart; its hundred marks need not
  figure.querySelector(".live svg").setAttribute("aria-hidden", "true");
  for (const button of figure.querySelectorAll(".save button"))
    button.onclick = () => save(figure, spec, view, button.textContent.toLowerCase());
  const read = () => {
    const lines = figure.querySelectorAll(".live .said_marks tspan");
    figure.querySelector("output").textContent = [...lines].map((line) => line.textContent.trim()).join(" ").trim();
  };
  read();
  for (const name of chosen(spec)) view.addSignalListener(name, () => view.runAfter(() => setTimeout(read))); // once it is drawn
}

for (const figure of document.querySelectorAll("figure.chart")) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const { title, ...bare } = spec;
  const place = figure.querySelector(".live");
  if (!place.classList.contains("wide")) bare.width = "container";
  if (figure.clientWidth < 480) {
    bare.config = { ...bare.config, legend: { ...bare.config?.legend, columns: 1, titleOrient: "top" } };
    if (bare.columns) bare.columns = 1; // panels below each other
  }
  drawn(place, bare).then(({ view }) => alive(figure, spec, view)).catch((error) => console.error(error));
}

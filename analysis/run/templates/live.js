const drawn = (place, spec) =>
  // ast: expressions are interpreted, so that the page may forbid every other script
  vegaEmbed(place, spec, { mode: "vega-lite", ast: true, renderer: "svg", actions: false });

const chosen = (spec) => (spec.params ?? []).filter((param) => param.bind).map((param) => param.name);

// the title with the sources below it, so that a saved picture carries them
function sourced(figure, { title, ...spec }) {
  const source = figure.querySelector(".source")?.textContent;
  const given = typeof title === "object" && !Array.isArray(title) ? title : { text: title };
  const below = [given.subtitle ?? [], source ?? []].flat();
  return title ? { ...spec, title: { ...given, subtitle: below } } : spec;
}

async function save(figure, spec, view, type) {
  const titled = await drawn(document.createElement("div"), sourced(figure, spec));
  for (const name of chosen(spec)) titled.view.signal(name, view.signal(name));
  await titled.view.runAsync();
  const link = document.createElement("a");
  link.href = await titled.view.toImageURL(type, 2);
  link.download = `${document.body.dataset.file}-${figure.dataset.file}.${type}`;
  link.click();
  titled.finalize();
}

// the largest table that the chart draws, without the names that only the chart needs
function table(spec) {
  const sets = [...Object.values(spec.datasets ?? {}), spec.data?.values ?? []];
  const rows = sets.reduce((most, set) => (set.length > most.length ? set : most), []);
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
}

// a text that a spreadsheet would take for a formula gets an apostrophe
const quoted = (cell) => {
  const text = String(cell ?? "").replaceAll('"', '""');
  return `"${typeof cell === "string" && /^\s*[=+@-]/.test(text) && isNaN(text) ? "'" : ""}${text}"`;
};
const csv = (rows) => rows.map((row) => row.map(quoted).join(",")).join("\n");

function saveTable(figure, spec) {
  const link = document.createElement("a");
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(csv(table(spec)))}`;
  link.download = `${document.body.dataset.file}-${figure.dataset.file}.csv`;
  link.click();
}

function showTable(figure, spec, button) {
  const shown = figure.querySelector(".box");
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) return shown.remove();
  const box = document.createElement("div"), made = document.createElement("table");
  Object.assign(box, { className: "box", tabIndex: 0, role: "group", ariaLabel: "Table" });
  for (const [n, cells] of table(spec).entries()) {
    const row = made.insertRow();
    for (const cell of cells) {
      const place = row.appendChild(document.createElement(n ? "td" : "th"));
      place.textContent = typeof cell === "number" ? +cell.toPrecision(6) : cell ?? "";
    }
  }
  box.append(made);
  figure.append(box);
}

function alive(figure, spec, view) {
  figure.classList.add("alive");
  // the figure's description speaks for the chart; its hundred marks need not
  figure.querySelector(".live svg").setAttribute("aria-hidden", "true");
  for (const button of figure.querySelectorAll(".save button"))
    button.onclick = () => {
      const type = button.textContent.toLowerCase();
      if (type === "table") showTable(figure, spec, button);
      else if (type === "csv") saveTable(figure, spec);
      else save(figure, spec, view, type);
    };
  const read = () => {
    const lines = figure.querySelectorAll(".live .said_marks tspan");
    figure.querySelector("output").textContent = [...lines].map((line) => line.textContent.trim()).join(" ").trim();
  };
  read();
  for (const name of chosen(spec)) view.addSignalListener(name, () => view.runAfter(() => setTimeout(read))); // once it is drawn
}

for (const figure of document.querySelectorAll("figure.chart")) {
  const narrow = figure.clientWidth < 480;
  const below = (key, value) => {
    if (key === "legend" && value) return { ...value, columns: 1, titleOrient: "top" };
    return key === "fontSize" && value === 12 ? 11 : value; // names of rows
  };
  const spec = JSON.parse(figure.querySelector("script").textContent, narrow ? below : undefined);
  const { title, ...bare } = spec;
  const place = figure.querySelector(".live");
  if (!place.classList.contains("wide")) {
    bare.width = "container";
    if (typeof bare.height !== "number") bare.autosize = { type: "fit-x", contains: "padding" }; // as high as its rows
  }
  if (narrow) {
    bare.config = { ...bare.config, legend: below("legend", bare.config?.legend ?? {}) };
    if (bare.columns) bare.columns = 1; // panels below each other
    if (bare.facet?.row && bare.facet.column) { // a table of two columns, the labels of rows upright
      bare.facet.row.header = { ...bare.facet.row.header, labelAngle: -90, labelAlign: "center", labelFontSize: 11 };
      bare.facet.column.header = { ...bare.facet.column.header, labelFontSize: 11 };
      bare.spec.width = (figure.clientWidth - 80) / 2;
    }
  }
  drawn(place, bare).then(({ view }) => alive(figure, spec, view)).catch((error) => console.error(error));
}

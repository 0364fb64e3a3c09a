// Sorts a table by the column that is clicked: words up, numbers down, again the other way; what
// is missing stays last.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => head.querySelector("button").addEventListener("click", () => {
    const now = head.getAttribute("aria-sort");
    const down = now ? now === "ascending" : head.classList.contains("number");
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const by = (row) => row.cells[at].dataset.by;
    const order = (one, two) => (isNaN(one) || isNaN(two) ? one.localeCompare(two) : one - two);
    const rows = [...table.tBodies[0].rows].sort((one, two) => {
      const [a, b] = [by(one), by(two)];
      return a === "" || b === "" ? (a === "") - (b === "") : (down ? -1 : 1) * order(a, b);
    });
    table.tBodies[0].append(...rows);
  }));
}

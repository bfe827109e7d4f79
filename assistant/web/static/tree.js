// The tree of notes and headings. Labels are set as text, never as HTML.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tree");
  const button = ([label, row]) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.dataset.row = row;
    made.onclick = (event) => {
      event.preventDefault();
      setTriggerValue("entry", row);
    };
    return made;
  };
  const list = (nodes) => {
    const made = document.createElement("ul");
    for (const node of nodes) {
      const [label, row, children] = node;
      const item = document.createElement("li");
      if (children.length) {
        const details = document.createElement("details");
        const summary = document.createElement("summary");
        if (row === null) summary.textContent = label;
        else summary.append(button(node));
        details.append(summary);
        // A long note has thousands of headings: they are made when they are looked at.
        details.fill = () => { details.fill = () => {}; details.append(list(children)); };
        details.ontoggle = () => details.fill();
        details.rows = new Set(rows(children));
        item.append(details);
      } else item.append(button(node));
      made.append(item);
    }
    return made;
  };
  const rows = (nodes) => nodes.flatMap(([, row, children]) => [row, ...rows(children)]);
  const told = JSON.stringify(data.nodes);
  if (root.told !== told) {
    root.told = told;
    root.replaceChildren(list(data.nodes));
    const tops = root.querySelectorAll(":scope > ul > li > details");
    if (tops.length === 1) {
      tops[0].fill();
      tops[0].open = true;
    }
  }
  const reveal = (within) => {
    for (const details of within.querySelectorAll(":scope > li > details"))
      if (details.rows.has(data.selected)) {
        details.fill();
        details.open = true;
        reveal(details.querySelector(":scope > ul"));
      }
  };
  reveal(root.firstElementChild);
  for (const made of root.querySelectorAll("button"))
    if (Number(made.dataset.row) === data.selected) {
      if (made.hasAttribute("aria-current")) continue;
      made.setAttribute("aria-current", "true");
      const top = made.getBoundingClientRect().top - root.getBoundingClientRect().top;
      if (top < 0 || top > root.clientHeight - 20) root.scrollTop += top - root.clientHeight / 3;
    } else made.removeAttribute("aria-current");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The list of extensions: searched, filtered and sorted here, a screenful of rows at a time.
// Whatever came from a phone reaches the document as text (textContent), never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const facts = JSON.parse($("facts").textContent);
  const words = facts.words;
  const language = document.documentElement.lang;
  const hosts = facts.hosts.map((host) => host.name);
  const all = facts.extensions;
  // The reader's own English or Turkish, for it has its own way of writing dates.
  const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
  const shortly = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const fully = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
  const count = new Intl.NumberFormat(language);
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_gap, name) => values[name] ?? "");
  const word = (key) => (Object.hasOwn(words, key) ? words[key] : key);

  // --- what is shown of one extension -----------------------------------------------------

  const stateOf = (row) => row.state ?? "unknown";
  const symbolOf = (state) => (facts.states.includes(state) ? state.replaceAll(" ", "-") : "unknown");
  const isMissing = (row) => row.state === "gone" || row.state === "unreachable";
  const newest = (row) => row.contacts?.[0];
  const device = (row) => newest(row)?.agent ?? "";
  const lastSeen = (row) => fill(words["last seen at"], { time: shortly.format(1000 * row.seen) });

  const clock = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };
  const callText = (call) => {
    const arrow = { in: "←", out: "→" }[call.direction] ?? call.direction ?? "";
    const time = call.seconds === undefined ? "" : clock(call.seconds);
    return [arrow, call.number, time].filter(Boolean).join(" ");
  };
  const milliseconds = (ms) => (ms === undefined ? "" : `${tenths.format(ms)} ms`);

  // key, word, text of an extension, what it is sorted by where that is not the text, and what is shown instead
  const columns = [
    ["number", "number", (row) => row.number],
    ["name", "name", (row) => row.name ?? ""],
    ["state", "state", (row) => word(stateOf(row)), (row) => {
      const place = facts.states.indexOf(stateOf(row));
      return place < 0 ? facts.states.length : place;
    }],
    ["forward", "forward", (row) => row.forward ?? ""],
    ["host", "host", (row) => hosts[row.host], (row) => row.host],
    ["device", "device", device, undefined, (row) => (row.seen === undefined ? device(row) : lastSeen(row))],
    ["address", "address", (row) => newest(row)?.address ?? ""],
    ["round-trip", "round trip", (row) => milliseconds(newest(row)?.ms), (row) => newest(row)?.ms],
    ["groups", "groups", (row) => (row.groups ?? []).join(", ")],
    ["calls", "calls", (row) => (row.calls ?? []).map(callText).join(", "), (row) => row.calls?.[0]?.seconds ?? (row.calls && 0)],
  ].map(([key, name, text, value, shows = text]) => ({ key, name, text, value, shows }))
    // Where nobody forwards or is in a group, the others can have the room.
    .filter(({ key, text }) => !["forward", "groups"].includes(key) || all.some(text));
  const column = (key) => columns.find((one) => one.key === key) ?? columns[0];

  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "class") element.className = value;
      else if (name === "text") element.textContent = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
  };
  const mark = (state) => {
    const symbol = symbolOf(state);
    return make("span", { class: "mark", "data-state": symbol }, icon(symbol), make("bdi", { text: word(state) }));
  };
  const more = (list) => (list?.length > 1 ? [make("span", { class: "more", text: `+${list.length - 1}`, title: fill(words.more, { count: list.length - 1 }) })] : []);

  // --- search, filters, order -------------------------------------------------------------

  // ö is found by o, İ and ı by i: who searches should not need the keyboard of who was named.
  const fold = (text) => {
    // eslint-disable-next-line no-control-regex
    if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
    return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replaceAll("ı", "i");
  };
  let folded;
  const haystacks = () => (folded ??= all.map((row) => fold([
    row.number, row.name, ...(row.groups ?? []), hosts[row.host],
    ...(row.contacts ?? []).flatMap((contact) => [contact.address, contact.agent]),
  ].filter(Boolean).join("\n"))));

  const collator = new Intl.Collator(language, { numeric: true });
  const orders = new Map();
  const byNumber = (a, b) => all[a].number - all[b].number || collator.compare(all[a].number, all[b].number) || all[a].host - all[b].host;
  const orderBy = (key) => {
    if (orders.has(key)) return orders.get(key);
    const indexes = all.map((_row, index) => index);
    if (key === "number") indexes.sort(byNumber);
    else {
      const { text, value } = column(key);
      const keys = all.map(value ?? text);
      const place = new Uint32Array(all.length);
      orderBy("number").forEach((index, position) => { place[index] = position; });
      const compare = value ? (a, b) => a - b : collator.compare;
      indexes.sort((a, b) => compare(keys[a], keys[b]) || place[a] - place[b]);
      // What is not known comes last in either direction.
      const empty = (index) => keys[index] === undefined || keys[index] === "";
      const known = indexes.filter((index) => !empty(index));
      known.unknown = indexes.filter(empty);
      orders.set(key, known);
      return known;
    }
    indexes.unknown = [];
    orders.set(key, indexes);
    return indexes;
  };

  const wanted = { q: "", host: "", group: "", states: new Set(), sort: "number", down: false };
  const isFiltered = () => Boolean(wanted.q || wanted.host || wanted.group || wanted.states.size);
  let shown = [];

  const select = () => {
    const needles = fold(wanted.q).split(/\s+/).filter(Boolean);
    const texts = needles.length ? haystacks() : [];
    const host = wanted.host === "" ? -1 : hosts.indexOf(wanted.host);
    const counts = new Map();
    const fits = (index) => {
      const row = all[index];
      if (wanted.host !== "" && row.host !== host) return false;
      if (wanted.group !== "" && !row.groups?.includes(wanted.group)) return false;
      for (const needle of needles) if (!texts[index].includes(needle)) return false;
      const state = stateOf(row);
      counts.set(state, (counts.get(state) ?? 0) + 1);
      return wanted.states.size === 0 || wanted.states.has(state);
    };
    const order = orderBy(wanted.sort);
    const known = order.filter(fits);
    if (wanted.down) known.reverse();
    shown = known.concat(order.unknown.filter(fits));
    return counts;
  };

  // --- the window of rows -----------------------------------------------------------------

  const rows = $("rows");
  const standing = new Map(); // position in `shown` -> element
  const spare = 8; // rows beyond either edge
  let height = 40;
  let at = 0; // the row that the keyboard is at

  const cellElement = (row, { key, shows }) => {
    const cell = make("div", { role: "cell", class: key });
    if (key === "number") {
      const label = [row.number, row.name].filter(Boolean).join(" ");
      const button = make("button", { type: "button", tabindex: "-1", "aria-haspopup": "dialog", "aria-label": label });
      button.textContent = row.number;
      cell.append(button);
    } else if (key === "state") cell.append(mark(stateOf(row)));
    else {
      const value = shows(row);
      // A device may break after its slash, as in snomD785/10.1: a browser would not, before a digit.
      const parts = key === "device" ? value.split(/(?<=\/)/) : [value];
      if (value) cell.append(make("bdi", {}, ...parts.flatMap((part, index) => (index ? [make("wbr"), part] : [part]))));
      if (value && ["name", "device", "groups", "host"].includes(key)) cell.title = value;
      if (key === "address") cell.append(...more(row.contacts));
    }
    return cell;
  };
  const rowElement = (position) => {
    const row = all[shown[position]];
    const element = make("div", { role: "row", class: "line row", "aria-rowindex": position + 2 });
    if (isMissing(row)) element.classList.add("missing");
    if (position === 0) element.classList.add("first");
    element.style.transform = `translateY(${position * height}px)`;
    element.style.setProperty("--digits", row.number.length);
    element.append(...columns.map((one) => cellElement(row, one)));
    element.addEventListener("click", () => {
      at = position;
      if (!String(getSelection())) open(shown[position]);
    });
    return element;
  };

  const range = () => {
    const top = rows.getBoundingClientRect().top;
    const last = shown.length;
    // A few are always there, also where none is in sight: the tabulator has to find one.
    const from = Math.max(0, Math.min(Math.floor(-top / height), last) - spare);
    const to = Math.min(last, Math.max(Math.ceil((innerHeight - top) / height), 0) + spare);
    return [from, to];
  };

  const paint = () => {
    const [from, to] = range();
    const held = document.activeElement?.closest?.(".row");
    for (const [position, element] of standing) {
      // A row that has the focus stays, however far away, for the focus would be lost with it.
      if ((position < from || position >= to) && element !== held) {
        element.remove();
        standing.delete(position);
      }
    }
    const positions = [];
    for (let position = from; position < to; position += 1) positions.push(position);
    for (const position of standing.keys()) if (position < from || position >= to) positions.push(position);
    positions.sort((a, b) => a - b);
    let next = rows.firstElementChild;
    for (const position of positions) {
      const there = standing.get(position);
      if (there) next = there.nextElementSibling;
      else {
        const element = rowElement(position);
        standing.set(position, element);
        rows.insertBefore(element, next);
      }
    }
    // One row can be reached by the tabulator; the arrow keys go from there.
    const reachable = at >= from && at < to ? at : Math.min(from && from + spare, Math.max(0, to - 1));
    for (const [position, element] of standing) {
      element.querySelector("button").tabIndex = position === reachable ? 0 : -1;
    }
  };

  const repaint = () => {
    for (const element of standing.values()) element.remove();
    standing.clear();
    rows.style.height = `${shown.length * height}px`;
    rows.hidden = shown.length === 0;
    paint();
  };

  const goTo = (position) => {
    if (!shown.length) return;
    at = Math.max(0, Math.min(shown.length - 1, position));
    const top = rows.getBoundingClientRect().top + at * height;
    const covered = stickyHeight();
    if (top < covered) scrollBy(0, top - covered);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight);
    paint();
    standing.get(at)?.querySelector("button").focus({ preventScroll: true });
  };
  // What stays in sight when the list is scrolled: on a phone the search alone.
  const pinned = () => [$("tools"), $("search").parentElement].find((one) => getComputedStyle(one).position === "sticky");
  const pin = () => document.documentElement.style.setProperty("--tools", `${pinned()?.offsetHeight ?? 0}px`);
  const stickyHeight = () => (pinned()?.offsetHeight ?? 0) + $("head").offsetHeight;

  // --- the widths of the columns, after what is in them ------------------------------------

  const firstOnOneLine = ["name", "host", "groups", "device"]; // on two, where that saves a cut
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  const gap = 0.75;
  const padding = 0.875;
  const candidates = 12;
  const badge = 4; // as wide as so many letters

  // How many letters of a text stand in the longer of two lines, where it may break.
  const halved = (text) => {
    let best = text.length;
    for (const { index } of text.matchAll(/[ /-]/g)) best = Math.min(best, Math.max(index + 1, text.length - index - 1));
    return best;
  };
  // The rows with the longest texts, by their letters: to draw 20,000 to see how wide they are would take too long.
  const longest = (text, length) => {
    const found = [];
    const seen = new Set();
    let least = -1;
    for (const row of all) {
      const its = text(row);
      if (its.length + badge <= least || seen.has(its)) continue;
      seen.add(its);
      const letters = length(its, row);
      if (letters <= least) continue;
      found.push({ row, letters });
      if (found.length < 4 * candidates) continue;
      found.sort((a, b) => b.letters - a.letters).splice(candidates);
      least = found.at(-1).letters;
    }
    return found.map(({ row }) => row);
  };
  let needs; // of each column, in rem: what shows all of it on one line, and on two
  const measure = () => {
    const box = $("measure");
    const head = make("div", { class: "head" });
    const body = make("div", { class: "row" });
    box.append(head, body);
    const cells = columns.map((one, index) => {
      const place = (cell, where) => { cell.style.gridColumn = index + 1; where.append(cell); return cell; };
      const title = place(make("div", {}, make("button", { text: words[one.name] })), head);
      const rows = new Set(longest(one.shows, (text, row) => {
        return text.length + (one.key === "address" && row.contacts?.length > 1 ? badge : 0);
      }));
      if (firstOnOneLine.includes(one.key)) for (const row of longest(one.shows, halved)) rows.add(row);
      // Any state can come with the next look; the columns should not move then.
      if (one.key === "state") for (const state of facts.states) rows.add({ state });
      return { title, cells: [...rows].map((row) => [place(cellElement(row, one), body), one.shows(row)]) };
    });
    const unit = rem();
    needs = cells.map(({ title, cells: its }, index) => {
      const { key } = columns[index];
      const arrow = key === "number" ? 1.25 * unit : 0; // that of the others stands in the gap
      const heading = title.getBoundingClientRect().width + arrow;
      const widths = its.map(([cell]) => cell.getBoundingClientRect().width);
      const halves = its.map(([, text], each) => (widths[each] * halved(text) * 1.06) / (text.length || 1));
      const want = Math.min(Math.max(heading, ...widths), (key === "state" ? 12 : 26) * unit) + 1;
      const enough = firstOnOneLine.includes(key) ? Math.min(Math.max(heading, ...halves) + 1, 13 * unit) : Math.min(want, 13 * unit);
      return { key, want: want / unit, enough: Math.min(want, enough) / unit };
    });
    box.replaceChildren(...hosts.map((name) => make("div", { class: "title", text: name })));
    const names = [...box.children].map((name) => name.getBoundingClientRect().width / unit);
    box.replaceChildren();
    const style = document.documentElement.style;
    style.setProperty("--longest", `${Math.min(40, Math.max(0, ...names)) + 2}rem`);
    style.setProperty("--full", `${total((one) => one.want) + 2 * padding + 3.25}rem`);
  };
  const total = (of) => needs.reduce((sum, one) => sum + of(one), 0) + gap * (needs.length - 1);
  const arrange = () => {
    const room = $("list").clientWidth / rem() - 2 * padding - 0.2;
    const short = total((one) => one.enough) - room;
    // What a phone calls itself is what can be missed first.
    const devices = needs.find(({ key }) => key === "device");
    const cards = matchMedia("(max-width: 40rem)").matches || short > Math.max(0, devices.enough - 6);
    document.documentElement.classList.toggle("cards", cards);
    const widths = new Map(needs.map((one) => [one, one.enough]));
    let spare = -short;
    const give = (one, width) => { widths.set(one, widths.get(one) + width); spare -= width; };
    if (spare < 0) give(devices, spare);
    for (const key of firstOnOneLine) {
      const one = needs.find((each) => each.key === key);
      if (one) give(one, Math.min(spare, one.want - one.enough));
    }
    const rest = spare / needs.length;
    for (const one of needs) give(one, rest);
    if (!cards) $("list").style.setProperty("--columns", [...widths.values()].map((width) => `${width.toFixed(3)}rem`).join(" "));
  };

  // --- everything around it ---------------------------------------------------------------

  let announcing;
  const update = ({ keepPlace = false } = {}) => {
    const counts = select();
    if (!keepPlace) at = 0;
    const values = { shown: count.format(shown.length), all: count.format(all.length) };
    const text = fill(isFiltered() ? words["shown of"] : words["shown all"], values);
    clearTimeout(announcing); // a screen reader should not read every letter's result
    announcing = setTimeout(() => { $("shown").textContent = text; }, $("shown").textContent ? 120 : 0);
    for (const button of $("states").children) {
      const state = button.state;
      button.querySelector("b").textContent = count.format(counts.get(state) ?? 0);
      button.setAttribute("aria-pressed", wanted.states.has(state));
    }
    for (const button of document.querySelectorAll(".pick")) {
      button.setAttribute("aria-pressed", wanted.host !== "" && hosts[button.dataset.host] === wanted.host);
    }
    $("clear").hidden = !isFiltered();
    if ($("search").value !== wanted.q) $("search").value = wanted.q;
    choose($("host"), wanted.host);
    choose($("group"), wanted.group);
    choose($("sort"), wanted.sort + (wanted.down ? "-" : ""));
    for (const cell of $("head").children) {
      const mine = cell.className === wanted.sort;
      if (mine) cell.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
      cell.querySelector(".icon")?.remove();
      if (mine) cell.firstElementChild.append(icon(wanted.down ? "down" : "up"));
    }
    $("table").setAttribute("aria-rowcount", shown.length + 1);
    $("table").setAttribute("aria-colcount", columns.length);
    $("empty").hidden = shown.length > 0;
    if (!shown.length) {
      const why = all.length ? "nothing found" : facts.hosts.some((host) => host.answered) ? "no extensions" : "no answers";
      $("empty").querySelector(".what").textContent = words[why];
      $("empty").querySelector(".hint").textContent = words[`${why} hint`];
    }
    if (!keepPlace) {
      // The best match first: what was scrolled to before is another list.
      const above = $("list").getBoundingClientRect().top;
      if (above < 0) scrollBy(0, above);
    }
    repaint();
    remember();
  };
  // Options hold their value as a property: an attribute would not keep every character.
  const option = (text, value) => {
    const element = make("option", { text });
    element.wanted = value;
    return element;
  };
  const choose = (list, value) => {
    list.selectedIndex = Math.max(0, [...list.options].findIndex((one) => one.wanted === value));
  };
  const chosen = (list) => list.options[list.selectedIndex].wanted;

  const clear = () => {
    Object.assign(wanted, { q: "", host: "", group: "" });
    wanted.states.clear();
    update();
  };

  const build = () => {
    $("host").append(option(words["all hosts"], ""), ...hosts.map((name) => option(name, name)));
    const groups = [...new Set(all.flatMap((row) => row.groups ?? []))].sort(collator.compare);
    $("group").append(option(words["all groups"], ""), ...groups.map((name) => option(name, name)));
    for (const { key, name } of columns) {
      const cell = make("div", { role: "columnheader", class: key });
      const button = make("button", { type: "button", text: words[name] });
      button.addEventListener("click", () => {
        wanted.down = wanted.sort === key && !wanted.down;
        wanted.sort = key;
        update();
      });
      cell.append(button);
      $("head").append(cell);
      $("sort").append(option(`${words["sort by"]}: ${words[name]} ↑`, key), option(`${words["sort by"]}: ${words[name]} ↓`, `${key}-`));
    }
    const there = new Set(all.map(stateOf));
    const states = [...facts.states.filter((state) => there.delete(state)), ...there];
    for (const state of states) {
      const button = make("button", { type: "button", "aria-pressed": "false" }, mark(state), make("b"));
      button.state = state;
      button.addEventListener("click", () => {
        if (!wanted.states.delete(state)) wanted.states.add(state);
        update();
      });
      $("states").append(button);
    }
    $("states").hidden = states.length === 0;
  };

  const listen = () => {
    $("search").addEventListener("input", () => { wanted.q = $("search").value; update(); });
    $("host").addEventListener("change", () => { wanted.host = chosen($("host")); update(); });
    $("group").addEventListener("change", () => { wanted.group = chosen($("group")); update(); });
    $("sort").addEventListener("change", () => {
      const key = chosen($("sort"));
      wanted.down = key.endsWith("-");
      wanted.sort = key.replace(/-$/, "");
      update();
    });
    $("clear").addEventListener("click", () => { clear(); $("search").focus(); });
    for (const button of document.querySelectorAll(".pick")) {
      const name = hosts[button.dataset.host];
      button.addEventListener("click", () => { wanted.host = wanted.host === name ? "" : name; update({ keepPlace: true }); });
    }
    rows.addEventListener("focusin", (event) => {
      const row = event.target.closest(".row");
      for (const [position, element] of standing) if (element === row) at = position;
    });
    rows.addEventListener("keydown", (event) => {
      const page = Math.max(1, Math.floor((innerHeight - stickyHeight()) / height) - 1);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: shown.length - 1 }[event.key];
      if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      goTo(to);
    });
    document.addEventListener("keydown", (event) => {
      if ($("dialog").open || event.altKey || event.ctrlKey || event.metaKey) return;
      const writing = event.target.closest?.("input, select, textarea");
      if (event.key === "/" && !writing) {
        event.preventDefault();
        $("search").focus();
        $("search").select();
      } else if (event.key === "ArrowDown" && event.target === $("search")) {
        event.preventDefault();
        goTo(0);
      } else if (event.key === "Escape" && isFiltered()) {
        event.preventDefault();
        if (wanted.q) { wanted.q = ""; update(); } else clear();
      }
    });
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; paint(); });
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("hashchange", () => { recall(); update(); });
    const pinning = new ResizeObserver(pin);
    pinning.observe($("tools"));
    pinning.observe($("search").parentElement);
    const fit = () => { // another font size, another width, a host's details unfolded
      arrange();
      const now = $("probe").getBoundingClientRect().height;
      if (now && now !== height) { height = now; repaint(); } else soon();
    };
    new ResizeObserver(fit).observe(document.body);
    addEventListener("resize", fit);
  };

  // --- one extension in full --------------------------------------------------------------

  let opened;
  const open = (index) => {
    opened = index;
    const row = all[index];
    $("dialog-title").replaceChildren(make("bdi", { text: row.number }), row.name ? " · " : "", make("bdi", { text: row.name ?? "" }));
    const list = $("facts-of-one");
    list.replaceChildren();
    const say = (name, value, apart = false) => {
      if (value === undefined || value === "" || value === null) return;
      const kind = apart ? { class: "apart" } : {};
      list.append(make("dt", { ...kind, text: name }), make("dd", kind, value instanceof Node ? value : make("bdi", { text: value })));
    };
    say(words.state, mark(stateOf(row)));
    if (row.seen !== undefined) say(words["last seen"], fully.format(1000 * row.seen));
    say(words.host, hosts[row.host]);
    say(words.groups, (row.groups ?? []).join(", "));
    say(words["connection port"], row.port);
    say(words["outbound profile"], row.profile);
    say(words["forward to"], row.forward);
    say(words.email, row.email);
    if (row.record) say(words.recorded, words.yes);
    for (const call of row.calls ?? []) {
      say(words.calls, [callText(call), call.state].filter(Boolean).join(" · "), true);
    }
    for (const contact of row.contacts ?? []) {
      say(words.device, contact.agent || "–", true);
      say(words.address, contact.address);
      say(words.contact, contact.uri);
      say(words["round trip"], milliseconds(contact.ms));
      if (contact.expires !== undefined) say(words.expires, clock(contact.expires));
    }
    if (!$("dialog").open) $("dialog").showModal();
  };
  $("close").addEventListener("click", () => $("dialog").close());
  $("dialog").addEventListener("click", (event) => { if (event.target === $("dialog")) $("dialog").close(); });
  $("dialog").addEventListener("close", () => { opened = undefined; goTo(at); });

  // --- paper ------------------------------------------------------------------------------

  // Every row that is selected, as a table whose head comes again on each sheet.
  addEventListener("beforeprint", () => {
    const head = make("tr", {}, ...columns.map(({ name }) => make("th", { scope: "col", text: words[name] })));
    const body = make("tbody");
    for (const index of shown) {
      const row = all[index];
      body.append(make("tr", {}, ...columns.map(({ key, shows }) => {
        if (key === "state") return make("td", {}, mark(stateOf(row)));
        return make("td", {}, make("bdi", { text: shows(row) }));
      })));
    }
    $("paper").replaceChildren(make("table", {}, make("thead", {}, head), body));
  });
  addEventListener("afterprint", () => $("paper").replaceChildren());

  // --- what is remembered: the choice in the address, the place in the session --------------

  const remember = () => {
    const choice = new URLSearchParams();
    for (const key of ["q", "host", "group"]) if (wanted[key]) choice.set(key, wanted[key]);
    for (const state of wanted.states) choice.append("state", state);
    if (wanted.sort !== "number" || wanted.down) choice.set("sort", wanted.sort + (wanted.down ? "-" : ""));
    const hash = String(choice);
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    } catch { /* a browser that counts how often: the choice stands all the same */ }
  };
  const recall = () => {
    const choice = new URLSearchParams(location.hash.slice(1));
    for (const key of ["q", "host", "group"]) wanted[key] = choice.get(key) ?? "";
    wanted.states = new Set(choice.getAll("state"));
    const sort = choice.get("sort") ?? "number";
    wanted.down = sort.endsWith("-");
    wanted.sort = column(sort.replace(/-$/, "")).key;
  };
  const session = {
    key: `voiceops-board ${location.pathname}`,
    read() {
      try { return JSON.parse(sessionStorage.getItem(this.key)) ?? {}; } catch { return {}; }
    },
    write(value) {
      try { sessionStorage.setItem(this.key, JSON.stringify(value)); } catch { /* none is fine */ }
    },
  };
  const named = (index) => (index === undefined ? undefined : [hosts[all[index].host], all[index].number]);
  const find = (name) => name && all.findIndex((row) => hosts[row.host] === name[0] && row.number === name[1]);
  addEventListener("pagehide", () => {
    const active = document.activeElement;
    const place = { y: scrollY, paused, opened: named(opened), unfolded: [] };
    if (active === $("search")) place.cursor = [active.selectionStart, active.selectionEnd];
    else if (active?.closest(".row")) place.row = named(shown[at]);
    else if (active?.id) place.focus = active.id;
    for (const button of document.querySelectorAll(".pick")) {
      if (button.closest("li").querySelector("details")?.open) place.unfolded.push(hosts[button.dataset.host]);
    }
    session.write(place);
  });
  const restore = () => {
    const place = session.read();
    paused = place.paused === true;
    if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return;
    for (const button of document.querySelectorAll(".pick")) {
      const details = button.closest("li").querySelector("details");
      if (details && place.unfolded?.includes(hosts[button.dataset.host])) details.open = true;
    }
    scrollTo(0, place.y ?? 0);
    paint();
    if (place.cursor) {
      $("search").focus({ preventScroll: true });
      $("search").setSelectionRange(...place.cursor);
    } else if (place.row) {
      const position = shown.indexOf(find(place.row));
      if (position >= 0) goTo(position);
    } else if (place.focus) $(place.focus)?.focus({ preventScroll: true });
    const again = find(place.opened);
    if (again >= 0) {
      at = Math.max(0, shown.indexOf(again));
      open(again);
    }
  };

  // --- following ----------------------------------------------------------------------------

  let paused = false;
  const loaded = Date.now();
  let touched = 0;
  for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
  }
  const age = (seconds) => {
    const [key, number] = seconds < 90 ? ["seconds ago", seconds] : seconds < 5400 ? ["minutes ago", seconds / 60]
      : seconds < 129600 ? ["hours ago", seconds / 3600] : ["days ago", seconds / 86400];
    return fill(words[key], { count: count.format(Math.max(0, Math.round(number))) });
  };
  const tick = () => {
    const now = Date.now();
    const seconds = now / 1000 - facts.generated;
    const stale = facts.refresh > 0 && seconds > Math.max(3 * facts.refresh, facts.refresh + 60);
    const following = !facts.refresh ? "" : paused ? words.paused : stale ? words["no longer"] : fill(words.follows, { seconds: facts.refresh });
    $("age").textContent = [age(seconds), following].filter(Boolean).join(" · ");
    $("age").classList.toggle("stale", stale);
    const due = loaded + 1000 * Math.max(facts.refresh, stale ? 60 : 0);
    // Not under somebody's fingers, not while a list is open, and not while text is being marked to be copied.
    const quiet = document.activeElement?.matches("select") ? 15000 : 2500;
    const busy = now - touched < quiet || String(getSelection()) !== "";
    if (facts.refresh > 0 && !paused && !busy && now >= due) location.reload();
  };
  const showFollow = () => {
    $("follow").hidden = !facts.refresh;
    $("follow").textContent = paused ? words.continue : words.pause;
  };
  $("follow").addEventListener("click", () => {
    paused = !paused;
    touched = 0;
    showFollow();
    tick();
  });

  // --- off we go --------------------------------------------------------------------------

  $("moment").textContent = fill(words["as of"], { time: fully.format(facts.generated * 1000) });
  for (const number of document.querySelectorAll("[data-count]")) {
    number.textContent = count.format(Number(number.textContent));
  }
  for (const time of document.querySelectorAll(".blocked time")) {
    const at = Date.parse(time.dateTime);
    if (!Number.isNaN(at)) time.textContent = fully.format(at);
  }
  $("list").hidden = false;
  build();
  recall();
  measure();
  arrange();
  pin();
  height = $("probe").getBoundingClientRect().height || height;
  listen();
  update({ keepPlace: true });
  restore();
  showFollow();
  tick();
  setInterval(tick, 1000);
  document.documentElement.dataset.ready = "";
  (window.requestIdleCallback ?? setTimeout)(() => haystacks());
})();

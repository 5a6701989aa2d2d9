// The page "Try it": a sheet to draw on, and what the network makes of it, which
// reader.js computes.

const PEN = 0.07; // of the sheet's width, about as thick as in MNIST's images
const STEP = 0.03; // of an arrow key
const SIDE = 140; // of the drawing that the network gets, in pixels
const PHOTO = 320; // longer side of a photo that the network gets, at most
const SURE = 0.5; // from this probability on, the digit is no guess

const byId = (name) => document.getElementById(`try-it-${name}`);
const sheet = byId("sheet");
const label = byId("label");
const answer = document.querySelector(".try-it-answer");

let strokes = []; // of points from 0 to 1, to the right and down
let pen = { x: 0.5, y: 0.5, isDown: false, isShown: false }; // of the keyboard
let photo = null;

// The sheet

function drawStrokes(context, side) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = PEN * side;
  context.strokeStyle = "#1b1b1b";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0].x * side, stroke[0].y * side);
    for (const point of stroke) context.lineTo(point.x * side, point.y * side);
    context.stroke();
  }
}

function drawSheet() {
  const side = sheet.width;
  const context = sheet.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, side, side);
  if (photo) {
    const scale = side / Math.max(photo.width, photo.height);
    const [width, height] = [photo.width * scale, photo.height * scale];
    context.drawImage(photo, (side - width) / 2, (side - height) / 2, width, height);
  }
  drawStrokes(context, side);
  if (pen.isShown) {
    context.beginPath();
    context.arc(pen.x * side, pen.y * side, (PEN * side) / 2, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = pen.isDown ? "#c0392b" : "#2c6fbb";
    context.stroke();
  }
}

// What the network is given: the photo, or the drawing
function picture() {
  const scale = photo ? Math.min(1, PHOTO / Math.max(photo.width, photo.height)) : 1;
  const width = photo ? Math.max(1, Math.round(photo.width * scale)) : SIDE;
  const height = photo ? Math.max(1, Math.round(photo.height * scale)) : SIDE;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  if (photo) {
    context.imageSmoothingQuality = "high";
    context.drawImage(photo, 0, 0, width, height);
  } else {
    drawStrokes(context, SIDE);
  }
  const { data } = context.getImageData(0, 0, width, height);
  return { pixels: new Uint8Array(data.buffer), height, width };
}

// The answer

const bars = Array.from({ length: 10 }, (_, digit) => {
  const row = byId("bars").tBodies[0].insertRow();
  row.innerHTML = `<th scope="row">${digit}</th><td><div></div></td><td></td>`;
  return row;
});

function showProbabilities(probabilities, best) {
  bars.forEach((row, digit) => {
    const percent = `${(100 * probabilities[digit]).toFixed(1)}%`;
    row.classList.toggle("best", digit === best);
    row.cells[1].firstChild.style.width = percent;
    row.cells[2].textContent = percent;
  });
}

// Colour 28 x 28 pixels
function paint(name, values, colour) {
  const context = byId(name).getContext("2d");
  const image = context.createImageData(28, 28);
  values.forEach((value, i) => image.data.set(colour(value), 4 * i));
  context.putImageData(image, 0, 0);
}

// The words in the caption have the colours of the strokes, in the light and in the dark
function colourOf(word) {
  const { color } = getComputedStyle(document.querySelector(`.try-it-${word}`));
  return color.match(/\d+/g).slice(0, 3).map(Number);
}

function show({ probabilities, image, contributions }) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const largest = Math.max(...contributions.map(Math.abs)) || 1;
  const guess = probabilities[best] < SURE ? "Perhaps" : "This is";
  label.textContent = `${guess} a ${best}: ${(100 * probabilities[best]).toFixed(0)}%`;
  showProbabilities(probabilities, best);
  paint("image", image, (v) => [255 * v, 255 * v, 255 * v, 255]);
  const [speaksFor, speaksAgainst] = ["for", "against"].map(colourOf);
  paint("contributions", contributions, (v) => [
    ...(v > 0 ? speaksFor : speaksAgainst),
    255 * Math.sqrt(Math.abs(v) / largest),
  ]);
}

function showNothing(text) {
  label.textContent = text;
  showProbabilities(new Array(10).fill(0), -1);
  paint("image", new Array(784).fill(0), () => [0, 0, 0, 255]);
  paint("contributions", new Array(784).fill(0), () => [0, 0, 0, 0]);
}

// One reading at a time, and another if the sheet changed meanwhile

const reader = new Worker(new URL("reader.js", import.meta.url), { type: "module" });
let isFree = false; // once the network is loaded
let isStale = true;

function update() {
  drawSheet();
  isStale = true;
  readOn();
}

function readOn() {
  if (isFree && isStale) {
    isStale = false;
    if (!strokes.length && !photo) {
      showNothing("Draw a digit");
    } else {
      isFree = false;
      reader.postMessage(picture());
    }
  }
  // Whether the answer is that of what is on the sheet now
  answer.dataset.isCurrent = isFree && !isStale;
}

reader.onmessage = ({ data: { error, values } }) => {
  isFree = true;
  if (error) showNothing(error);
  // What was cleared meanwhile has no answer any more
  if (values && (strokes.length || photo)) {
    if (values.image.some((value) => value > 0)) show(values);
    else showNothing("No digit found");
  }
  readOn();
};
reader.onerror = () => showNothing("The network could not be loaded");

// Mouse, finger, pen

function place(event) {
  const box = sheet.getBoundingClientRect();
  return {
    x: (event.clientX - box.left) / box.width,
    y: (event.clientY - box.top) / box.height,
  };
}

function begin(point) {
  photo = null;
  strokes.push([point]);
  // A screen reader waits for the end of the stroke
  answer.ariaBusy = "true";
  update();
}

function end() {
  answer.ariaBusy = "false";
}

let pointer = null;

sheet.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  event.preventDefault();
  sheet.focus({ preventScroll: true });
  sheet.setPointerCapture(event.pointerId);
  pointer = event.pointerId;
  pen = { x: 0.5, y: 0.5, isDown: false, isShown: false };
  begin(place(event));
});

sheet.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  strokes.at(-1).push(...(events.length ? events : [event]).map(place));
  update();
});

for (const name of ["pointerup", "pointercancel"]) {
  sheet.addEventListener(name, (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    end();
  });
}

// Keyboard

const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

function undo() {
  if (!strokes.pop()) photo = null;
  pen.isDown = false;
  end();
  update();
}

function clear() {
  strokes = [];
  photo = null;
  pen.isDown = false;
  end();
  update();
}

sheet.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in ARROWS) {
    const [right, down] = ARROWS[key];
    const inside = (value) => Math.min(1, Math.max(0, value));
    pen.x = inside(pen.x + right);
    pen.y = inside(pen.y + down);
    if (pen.isDown) strokes.at(-1).push({ x: pen.x, y: pen.y });
    pen.isShown = true;
    update();
  } else if (key === " ") {
    pen.isDown = !pen.isDown;
    pen.isShown = true;
    if (pen.isDown) begin({ x: pen.x, y: pen.y });
    else end();
    update();
  } else if (key === "u") {
    undo();
  } else if (key === "n") {
    clear();
  } else {
    return;
  }
  event.preventDefault();
});

sheet.addEventListener("blur", () => {
  pen.isDown = pen.isShown = false;
  end();
  drawSheet();
});

byId("undo").addEventListener("click", undo);
byId("clear").addEventListener("click", clear);

// Photos

async function take(file) {
  if (!file) return;
  try {
    photo = await createImageBitmap(file);
  } catch {
    showNothing("This file is no picture that the browser can open");
    return;
  }
  strokes = [];
  update();
}

byId("photo").addEventListener("change", (event) => {
  take(event.target.files[0]);
  event.target.value = "";
});

sheet.addEventListener("dragover", (event) => {
  event.preventDefault();
  sheet.classList.add("is-over");
});
sheet.addEventListener("dragleave", () => sheet.classList.remove("is-over"));
sheet.addEventListener("drop", (event) => {
  event.preventDefault();
  sheet.classList.remove("is-over");
  take(event.dataTransfer.files[0]);
});

// Start

drawSheet();
showProbabilities(new Array(10).fill(0), -1);

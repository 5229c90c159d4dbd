/** The camera of this device: opens it, knows its newest frame, and makes JPEGs of it. */
const WISHES = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

export class DeviceCamera {
  #video;
  #canvas = document.createElement("canvas");
  #limits;
  #mirrors;
  #facing = "user";
  #stream = null;
  #newestMs = null;
  #wake = null;

  /** Frames that came while another one was on its way. */
  dropped = 0;

  /** `limits` is `{longer, shorter}` in pixels; `mirrors` whether a camera that faces the user is mirrored. */
  constructor(video, limits, mirrors) {
    this.#video = video;
    this.#limits = limits;
    this.#mirrors = mirrors;
  }

  get isOpen() {
    return this.#stream?.getVideoTracks().some((track) => track.readyState === "live") ?? false;
  }

  /** Open the camera; throws the browser's error, such as `NotAllowedError`. */
  async open() {
    this.close();
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { ...WISHES, facingMode: this.#facing }, audio: false });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    this.#watch(this.#stream);
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = this.#video.srcObject = this.#newestMs = null;
  }

  /** Use the camera on the other side from now on. */
  async turn() {
    this.#facing = this.#facing === "user" ? "environment" : "user";
    await this.open();
  }

  /** Whether there is more than one camera; known once one was opened. */
  async hasSeveral() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter(({ kind }) => kind === "videoinput").length > 1;
  }

  /** Wait for a frame that was not taken before; resolves to the time at which it was captured. */
  async nextFrame() {
    while (this.#newestMs === null) await new Promise((resolve) => (this.#wake = resolve));
    const capturedMs = this.#newestMs;
    this.#newestMs = null;
    return capturedMs;
  }

  /** A JPEG Blob of the frame that the video shows, as `{longerSide, quality}` says. */
  encode({ longerSide, quality }) {
    const { videoWidth, videoHeight } = this.#video;
    const [longer, shorter] = [Math.max(videoWidth, videoHeight), Math.min(videoWidth, videoHeight)];
    const scale = Math.min(1, longerSide / longer, this.#limits.longer / longer, this.#limits.shorter / shorter);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { alpha: false });
    if (this.#isMirrored()) context.setTransform(-1, 0, 0, 1, width, 0);
    else context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#video, 0, 0, width, height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  }

  #isMirrored() {
    return this.#mirrors && this.#stream?.getVideoTracks()[0]?.getSettings().facingMode !== "environment";
  }

  #watch(stream) {
    const next = (callback) =>
      this.#video.requestVideoFrameCallback?.(callback) ?? requestAnimationFrame((nowMs) => callback(nowMs, {}));
    const take = (nowMs, { captureTime }) => {
      if (stream !== this.#stream) return;
      if (this.#newestMs !== null) this.dropped += 1;
      this.#newestMs = captureTime ?? nowMs;
      this.#wake?.();
      next(take);
    };
    next(take);
  }
}

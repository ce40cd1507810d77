import Foundation
import Glibc

/// Chromium without a window, driven by the DevTools protocol over a socket it inherits: every message is a JSON object
/// and a zero byte. Shows one page at a time.
final class Browser {
  struct Failed: Error, CustomStringConvertible { var description: String }

  /// Of a page's inside.
  struct Size {
    var width, height: Int

    static let desktop = Size(width: 1280, height: 800)
    static let phone = Size(width: 390, height: 844)
  }

  static let executable: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { (path: String) in access(path, X_OK) == 0 }

  private let folder: TemporaryFolder
  private let process: ChildProcess
  private let socket: Int32
  private var incoming: [UInt8] = []
  /// Bytes of `incoming` that hold no zero.
  private var searched = 0
  private var calls = 0
  private var session: String?
  private var faults: [String] = []

  init() throws {
    guard let executable = Browser.executable else { throw Failed(description: "there is no chromium") }
    folder = try TemporaryFolder()
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw Loopback.Failed(call: "socketpair", code: errno)
    }
    let theirs = pair[1]
    defer { Glibc.close(theirs) }
    socket = pair[0]
    process = try ChildProcess(
      executable,
      [
        "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--no-first-run", "--no-proxy-server", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--user-data-dir=\(folder.path)/profile", "about:blank",
      ],
      environment: ["HOME": folder.path], output: "\(folder.path)/out", errors: "\(folder.path)/log",
      descriptor: theirs)
    // The first answer comes once it has started, which takes a cold machine a while.
    let target = try call("Target.createTarget", ["url": "about:blank"], within: 60)["targetId"] as? String ?? ""
    session = try call("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log"] { try call("\(domain).enable") }
  }

  deinit {
    session = nil
    _ = try? call("Browser.close", within: 2)
    process.end()
    Glibc.close(socket)
  }

  // MARK: What a person does

  /// Opens an address, or another view of the page that is open, and waits until `condition` holds there.
  func open(_ address: String, _ size: Size, until condition: String) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": size.width, "height": size.height, "deviceScaleFactor": 1, "mobile": size.width < 600])
    try call("Page.navigate", ["url": address])
    try wait(for: condition)
  }

  /// Presses and releases the mouse on the middle of an element, which must be visible there.
  func click(_ selector: String) throws {
    let found =
      try evaluate(
        """
        (() => {
          const element = document.querySelector(\(Browser.quoted(selector)));
          if (!element) return 'it is not there';
          element.scrollIntoView({ block: 'center' });
          const box = element.getBoundingClientRect();
          const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
          const hit = document.elementFromPoint(x, y);
          return element.contains(hit) ? `${x} ${y}` : `it is covered by ${hit?.outerHTML}`;
        })()
        """) as? String ?? ""
    let point = found.split(separator: " ").compactMap { Double($0) }
    guard point.count == 2 else { throw Failed(description: "cannot click on \(selector): \(found)\n\(text)") }
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
      let button = kind == "mouseMoved" ? "none" : "left"
      try call(
        "Input.dispatchMouseEvent",
        ["type": kind, "x": point[0], "y": point[1], "button": button, "clickCount": button == "left" ? 1 : 0])
    }
  }

  /// Clicks into a field and types.
  func type(_ text: String, into selector: String) throws {
    try click(selector)
    try call("Input.insertText", ["text": text])
  }

  // MARK: What a person sees

  /// Waits until a script's value is truthy.
  func wait(for condition: String, within limit: Double = 20) throws {
    try eventually(within: limit, every: 0.05, "\(condition)\nThe page shows: \(text)\n\(faults)") {
      // While a page is being replaced there is nothing to ask.
      (try? evaluate("Boolean(\(condition))")) as? Bool == true
    }
  }

  var text: String { (try? evaluate("document.body.innerText")) as? String ?? "nothing" }

  /// Writes what is seen as PNG, to `CAMPUS_SCREENSHOTS` or `.build/screenshots`.
  func takePicture(_ name: String) throws {
    let answer = try call("Page.captureScreenshot", ["format": "png"])
    guard let data = (answer["data"] as? String).flatMap({ Data(base64Encoded: $0) }), !data.isEmpty else {
      throw Failed(description: "no picture of \(name)")
    }
    let folder = URL(fileURLWithPath: Browser.pictures)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try data.write(to: folder.appendingPathComponent("\(name).png"))
  }

  private static let pictures =
    ProcessInfo.processInfo.environment["CAMPUS_SCREENSHOTS"]
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../.build/screenshots").standardized.path

  /// Errors and exceptions since the last time.
  func takeFaults() throws -> [String] {
    // What the page reported before this answer has arrived with it.
    _ = try evaluate("0")
    defer { faults = [] }
    return faults
  }

  /// A script's value, of a promise what it promised; nil: null or undefined.
  func evaluate(_ script: String) throws -> Any? {
    let answer = try call(
      "Runtime.evaluate", ["expression": script, "awaitPromise": true, "returnByValue": true])
    if let details = answer["exceptionDetails"] { throw Failed(description: "\(script)\n\(details)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  // MARK: The protocol

  @discardableResult
  private func call(
    _ method: String, _ parameters: [String: Any] = [:], within limit: Double = 20
  ) throws -> [String: Any] {
    calls += 1
    let id = calls
    var message: [String: Any] = ["id": id, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    try write([UInt8](try JSONSerialization.data(withJSONObject: message)) + [0])
    let end = seconds() + limit
    while true {
      let answer = try read(until: end, method)
      guard answer["id"] as? Int == id else {
        note(answer)
        continue
      }
      if let error = answer["error"] { throw Failed(description: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  private func write(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failed(description: "the browser ended: \(process.log.suffix(2_000))") }
      written += count
    }
  }

  private func read(until end: Double, _ what: String) throws -> [String: Any] {
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      if let zero = incoming[searched...].firstIndex(of: 0) {
        let message = Data(incoming[..<zero])
        incoming.removeSubrange(...zero)
        searched = 0
        return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
      }
      searched = incoming.count
      var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      let left = end - seconds()
      guard left > 0, poll(&wanted, 1, Int32(left * 1_000) + 1) > 0 else {
        throw TimedOut(description: "the browser does not answer \(what): \(process.log.suffix(2_000))")
      }
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { throw Failed(description: "the browser ended: \(process.log.suffix(2_000))") }
      incoming += buffer[..<count]
    }
  }

  private func note(_ event: [String: Any]) {
    let parameters = event["params"] as? [String: Any] ?? [:]
    switch event["method"] as? String {
    case "Runtime.exceptionThrown":
      faults.append("exception: \(parameters["exceptionDetails"] ?? "")")
    case "Runtime.consoleAPICalled":
      if parameters["type"] as? String == "error" { faults.append("console: \(parameters["args"] ?? "")") }
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any] ?? [:]
      guard entry["level"] as? String == "error" else { return }
      faults.append("log: \(entry["text"] ?? "") \(entry["url"] ?? "")")
    default: break
    }
  }

  /// A text as JavaScript writes it.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'") + "'"
  }
}

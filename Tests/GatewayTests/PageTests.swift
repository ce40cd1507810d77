import DeviceProtocol
import Foundation
import ReadingLog
import Testing

extension EndToEnd {
  /// The page as people see it: in a real browser, in front of a real gateway. What was seen is kept as pictures.
  @Suite(
    .serialized,
    .enabled(if: Browser.executable != nil, "there is no browser: apt-get install chromium fonts-noto-cjk"))
  struct PageTests {
    /// A view: its address, and what shows that it has its data.
    private struct View {
      var name: String
      var hash: String
      /// `data-view` of the page; nil: the name.
      var mark: String?
      var shows: String
    }

    private static func ready(_ view: String) -> String {
      "document.querySelector('main[data-view=\"\(view)\"][data-ready=\"true\"]')"
    }

    private static func count(_ selector: String) -> String { "document.querySelectorAll('\(selector)').length" }

    /// Last week's Monday of the campus, as its ISO day: the whole week is past, and within the last two weeks.
    private static func monday(adding days: Int = 0) -> String {
      let today = (unixMilliseconds() + 8 * 3_600_000) / 86_400_000
      let monday = today - (today + 3) % 7 - 7 + Int64(days)
      let date = Date(timeIntervalSince1970: Double(monday) * 86_400)
      return String(ISO8601DateFormatter().string(from: date).prefix(10))
    }

    /// A simulated week behind a running gateway, and one message that nobody understands.
    private func campus(port: UInt16) throws -> WeekRun {
      let week = try WeekRun(zone: "Asia/Shanghai", monday: "\(Self.monday())T00:00:00+08:00", seed: 21)
      week.environment["CAMPUS_GATEWAY_HTTP_PORT"] = "\(port)"
      try week.startGateway()
      try week.startSimulator(
        seed: 21, speed: 40_000,
        scenario: """
          absent,class-1-1,,,0.7
          late,class-2-1,,,9
          dead,main/term-0006,\(Self.monday(adding: 2))T08:00:00+08:00,,
          downhill,canteen-1,\(Self.monday(adding: 1))T00:00:00+08:00,,0.12

          """)
      try week.finishSimulator()
      let device = try Self.device("term-0005", of: week)
      let client = try MQTTClient(port: week.broker.port, id: "page-test")
      let now = unixMilliseconds()
      let readings = [CBOR.checkin(at: now, card: [4, 1, 2, 3]), CBOR.unknown(at: now)]
      try client.publish(device.topic("up"), device.message(epoch: 4_000_000_000, seq: 1, readings: readings))
      try client.flush()
      return week
    }

    /// A device of the simulated campus with its key.
    private static func device(_ name: String, of week: WeekRun) throws -> TestDevice {
      let rows = text(of: "\(week.folder.path)/keys.csv").split(whereSeparator: \.isNewline)
      let row = try #require(rows.first { $0.hasPrefix("main,\(name),") }, "no key for \(name)")
      let key = try #require(Hex.bytes(String(row.split(separator: ",")[2])))
      return TestDevice(name, key: key)
    }

    @Test func everyViewShowsTheCampus() throws {
      let port = try Loopback.freePort()
      let week = try campus(port: port)
      let browser = try Browser()
      let address = "http://127.0.0.1:\(port)/?lang="
      // What the gateway makes of the week takes a moment.
      try browser.open("\(address)zh#/warnings", .desktop, until: Self.ready("warnings"))
      try browser.wait(for: Self.count("tr[data-warning]"), within: 60)
      try browser.open("\(address)zh#/quarantine", .desktop, until: "\(Self.count("tr[data-held]")) === 1")
      let warning = try #require(
        try browser.evaluate("fetch('/api/v1/warnings').then(answer => answer.json()).then(list => list.items[0].id)")
          as? Int)
      let held = try #require(
        try browser.evaluate("Number(document.querySelector('tr[data-held]').dataset.held)") as? Int)

      let views = [
        View(name: "now", hash: "now", shows: "\(Self.count(".tile")) === 8"),
        View(name: "devices", hash: "devices", shows: "\(Self.count("[data-device=\"main/term-0005\"]")) === 1"),
        View(
          name: "device", hash: "devices/main/term-0005", mark: "devices-detail",
          shows: Self.count(".readings tbody tr")),
        View(name: "classes", hash: "classes?date=\(Self.monday(adding: 2))", shows: Self.count("tr[data-meeting]")),
        View(name: "satisfaction", hash: "satisfaction", shows: Self.count("tr[data-place]")),
        View(name: "warnings", hash: "warnings", shows: Self.count("tr[data-warning=\"\(warning)\"]")),
        View(name: "warning", hash: "warnings/\(warning)", mark: "warnings-detail", shows: Self.count("li[data-step]")),
        View(name: "quarantine", hash: "quarantine", shows: Self.count("tr[data-held=\"\(held)\"]")),
        View(name: "held", hash: "quarantine/\(held)", mark: "quarantine-detail", shows: Self.count(".hex-row")),
      ]
      for (language, spoken) in [("zh", "zh-CN"), ("en", "en")] {
        for size in [Browser.Size.desktop, .phone] {
          for view in views {
            let name = "\(view.name)-\(language)-\(size.width)"
            let isThere = "\(Self.ready(view.mark ?? view.name)) && \(view.shows)"
            try browser.open("\(address)\(language)#/\(view.hash)", size, until: isThere)
            try browser.takePicture(name)
            let width = try browser.evaluate("document.documentElement.scrollWidth - innerWidth") as? Int ?? .max
            #expect(width <= 0, "\(name) is \(width) px too wide")
            #expect(try browser.evaluate("document.documentElement.lang") as? String == spoken)
            let bare = try browser.evaluate(
              "document.body.innerText.match(/\\b(title|lead|nav|tile|column|fact|measure|state|step)_[a-z_]+/)?.[0]")
            #expect(bare as? String == nil, "\(name) lacks a text")
            #expect(try browser.takeFaults() == [], "\(name)")
          }
        }
      }
      #expect(try week.stopGateway() == 0)
    }

    @Test func numbersMoveWhileFramesArrive() throws {
      let deployment = try Deployment(devices: 3)
      let port = try Loopback.freePort()
      deployment.environment["CAMPUS_GATEWAY_HTTP_PORT"] = "\(port)"
      try deployment.start()
      let browser = try Browser()
      try browser.open("http://127.0.0.1:\(port)/?lang=en#/now", .desktop, until: Self.ready("now"))
      let load = try Load(deployment, rate: 200)
      try browser.wait(for: "parseInt(document.querySelector('[data-tile=rate] .figure').textContent) > 50")
      try browser.wait(for: "document.querySelector('#balanced').dataset.kind === 'good'")
      try browser.takePicture("now-live")
      #expect(try browser.takeFaults() == [])
      let published = try load.stop()
      let stored = "document.querySelector('.equation li:nth-child(2) b').textContent.replaceAll(',', '')"
      try browser.wait(for: "\(stored) === '\(published.count)'")

      // A page that hears nothing says so, and finds back by itself.
      #expect(try deployment.stop() == 0)
      try browser.wait(for: "!document.querySelector('#banner').hidden")
      try browser.takePicture("connection-lost")
      try deployment.start()
      try browser.wait(for: "document.querySelector('#banner').hidden", within: 60)
    }

    @Test func aWarningIsTakenThroughItsLifeByClicking() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      let port = try Loopback.freePort()
      deployment.environment["CAMPUS_GATEWAY_HTTP_PORT"] = "\(port)"
      try deployment.start()
      let start = school.meetings[0].start
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, start), (2, start)])
      let id = try deployment.waitForWarning().id

      let browser = try Browser()
      try browser.open("http://127.0.0.1:\(port)/?lang=zh#/warnings", .desktop, until: Self.ready("warnings"))
      try browser.wait(for: Self.count("tr[data-warning=\"\(id)\"]"))
      try browser.click("tr[data-warning=\"\(id)\"] a")
      try browser.wait(for: Self.ready("warnings-detail"))
      try browser.click("#acknowledge")
      try browser.wait(for: "document.querySelector('#result').textContent.includes('姓名')")
      try browser.type("李老师", into: "#by")
      try browser.type("已联系班主任", into: "#note")
      try browser.click("#acknowledge")
      try browser.wait(for: "document.querySelector('#warning-state').textContent === '已确认'")
      try browser.wait(
        for: "document.querySelector('li[data-step=acknowledged]').textContent.includes('已联系班主任')")
      #expect(try deployment.waitForWarning().state == "acknowledged")

      try browser.click("#load-readings")
      try browser.wait(for: "\(Self.count(".readings tbody tr")) === 2")
      // The name is remembered.
      try browser.type("与班级谈话", into: "#measure")
      try browser.click("#improve")
      try browser.wait(for: "document.querySelector('#warning-state').textContent === '改进中'")
      try browser.takePicture("warning-improving")
      try browser.click("#language")
      try browser.wait(for: "document.querySelector('#warning-state')?.textContent === 'Improving'")
      try browser.type("a holiday", into: "#note")
      try browser.click("#close-warning")
      try browser.wait(for: "document.querySelector('#warning-state').textContent === 'Closed'")
      let closed: [WarningLine] = try deployment.command("warnings", "list", "--all", "--json").expectGood().decoded()
      #expect(closed.map(\.state) == ["closed"])
      #expect(try browser.takeFaults() == [])
    }

    @Test func heldFramesAreReplayedAndGivenUpByClicking() throws {
      let deployment = try Deployment()
      let port = try Loopback.freePort()
      deployment.environment["CAMPUS_GATEWAY_HTTP_PORT"] = "\(port)"
      try deployment.start()
      let device = deployment.devices[0]
      let client = try deployment.client()
      for seq: UInt32 in 1...2 {
        let unknown = CBOR.unknown(at: 1_795_000_000_000)
        try client.publish(device.topic("up"), device.message(seq: seq, readings: [unknown]))
      }
      try client.flush()
      try deployment.waitForMessages(2)
      let ids = try (deployment.command("quarantine", "list", "--json").expectGood().decoded() as [HeldLine]).map(\.id)
      try #require(ids.count == 2)
      try deployment.stop()
      try understand(ids[0], in: deployment)
      try deployment.start()

      let browser = try Browser()
      try browser.open("http://127.0.0.1:\(port)/?lang=en#/quarantine", .phone, until: Self.ready("quarantine"))
      try browser.click("tr[data-held=\"\(ids[0])\"] a")
      try browser.wait(for: "\(Self.ready("quarantine-detail")) && \(Self.count(".hex-row"))")
      try browser.click("#replay")
      try browser.wait(for: "document.querySelector('#result').textContent.includes('Stored')")
      try browser.wait(for: "document.querySelector('#held-state').textContent === 'Replayed'")
      try browser.takePicture("held-replayed")

      try browser.open(
        "http://127.0.0.1:\(port)/?lang=en#/quarantine/\(ids[1])", .phone,
        until: "\(Self.ready("quarantine-detail")) && document.querySelector('#held-state').textContent === 'Held'")
      try browser.click("#discard")
      try browser.wait(for: "document.querySelector('dialog').open")
      try browser.takePicture("discard-asked")
      try browser.click("#discard-cancel")
      try browser.wait(for: "!document.querySelector('dialog')")
      try browser.click("#discard")
      try browser.click("#discard-confirm")
      try browser.wait(for: "document.querySelector('#held-state').textContent === 'Discarded'")
      #expect(try browser.takeFaults() == [])
      #expect(try deployment.export("--kind", "response").map(\.score) == [5])
      let audit = try deployment.audit()
      #expect(audit.stored == 1 && audit.quarantined == 1 && audit.balanced, "\(audit)")
    }

    /// Makes a held message, frame 1 of the first device, one that this gateway understands: as after an update.
    private func understand(_ id: Int, in deployment: Deployment) throws {
      let reading = CBOR.response(at: 1_795_000_000_000, item: 7, score: 5)
      let message = deployment.devices[0].message(seq: 1, readings: [reading])
      let digest = CBOR.array([reading]).withUnsafeBytes { Digest.of($0) }
      let key = try MasterKey.load("\(deployment.data)/master.key", create: false)
      let sealed = try message.withUnsafeBytes { try SecretBox(key, purpose: "quarantine v1").seal($0) }
      try changeStore(deployment.store) { db in
        try db.execute(
          sql: "UPDATE quarantine SET sealed = ?, digest = ? WHERE id = ?",
          arguments: [Data(sealed), Int64(bitPattern: digest), id])
      }
    }
  }
}

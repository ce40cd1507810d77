import DeviceProtocol
import Testing

@testable import ReadingLog

@Suite struct ExportTests {
  private func export(_ log: Log, _ filter: ReadingFilter) throws -> [ExportedReading] {
    var readings: [ExportedReading] = []
    try log.store.export(filter) { readings += $0 }
    return readings
  }

  @Test func segmentsPassedOverGiveTheSameAsAPlainScan() throws {
    var random = SeededGenerator()
    let log = try Log(segmentRows: 15)
    let names = (1...5).map { (site: $0 < 3 ? "north" : "south", device: "d\($0)", place: "p\($0)") }
    let ids = try log.store.register(names)
    var frames: [(name: Int, frame: Log.Frame)] = []
    for seq in UInt32(1)...80 {
      let device = Int.random(in: 0..<5, using: &random)
      let boot = try log.boot(device: ids[device], epoch: 3)
      // Mostly in order, now and then far back, as after an outage.
      let time = Int64(seq) * 1_000 - (Int.random(in: 0..<8, using: &random) == 0 ? 30_000 : 0)
      let frame = Log.Frame(
        boot: boot, seq: seq, readings: Int.random(in: 1...3, using: &random),
        kind: UInt8.random(in: 1...2, using: &random),
        time: time)
      try log.store([frame])
      frames.append((device, frame))
    }
    try log.settle()
    #expect(try log.scalar("SELECT count(*) FROM segment") > 3)

    struct Line: Equatable {
      var device: String, seq: Int64, index: Int64, kind: UInt8, time: Int64
    }
    for round in 0..<60 {
      var filter = ReadingFilter()
      if round > 0 {
        filter.from = Int64.random(in: -40_000...90_000, using: &random)
        filter.to = filter.from + Int64.random(in: 0...60_000, using: &random)
      }
      if round % 3 == 1 { filter.kind = .checkin }
      if round % 4 == 1 { filter.device = "d2" }
      if round % 5 == 1 { filter.site = "south" }
      var wanted: [Line] = []
      for (device, frame) in frames {
        let name = names[device]
        if let kind = filter.kind, kind.rawValue != frame.kind { continue }
        if let wanted = filter.device, wanted != name.device { continue }
        if let wanted = filter.site, wanted != name.site { continue }
        for index in 0..<frame.readings {
          let time = frame.time + Int64(index)
          guard time >= filter.from, time < filter.to else { continue }
          wanted.append(
            Line(device: name.device, seq: Int64(frame.seq), index: Int64(index), kind: frame.kind, time: time))
        }
      }
      let found = try export(log, filter)
      #expect(
        found.map { Line(device: $0.device, seq: $0.seq, index: $0.index, kind: $0.kind.rawValue, time: $0.eventTime) }
          == wanted)
      #expect(found.map(\.id) == found.map(\.id).sorted())
    }
  }

  @Test func aLongExportComesInPages() throws {
    let log = try Log()
    let ids = try log.store.register([(site: "a", device: "b", place: "p")])
    let boot = try log.boot(device: ids[0], epoch: 1)
    for first in stride(from: UInt32(1), through: 700, by: 100) {
      try log.store((first..<(first + 100)).map { .init(boot: boot, seq: $0, readings: 64) })
    }
    var pages = 0
    var rows = 0
    try log.store.export(ReadingFilter()) {
      pages += 1
      rows += $0.count
    }
    #expect(rows == 700 * 64 && pages > 1)
  }

  @Test func aReadingComesBackWithAllItsRowImplies() throws {
    let log = try Log()
    let ids = try log.store.register([(site: "main", device: "t-1", place: "room-1")])
    let boot = try log.boot(device: ids[0], epoch: 9)
    let token = (1...16).map(UInt8.init)
    let whole = "三号窗口 \"x\"\u{0} 坏了"
    let text = Array(whole.utf8)
    try log.writer.commit { (appender) throws(LogError) in
      func reading(
        _ position: Int, _ kind: ReadingKind, _ quality: TimeQuality, _ token: UnsafeRawBufferPointer?, value: Int64?,
        _ detail: StoredReading.Detail
      ) throws(LogError) {
        try appender.append(
          StoredReading(
            boot: boot, seq: 4, position: position, kind: kind.rawValue, quality: quality, eventTime: 1_000,
            receivedTime: 900, token: token?.baseAddress, tokenBytes: token?.count ?? 0, hasValue: value != nil,
            value: value ?? 0, detail: detail), digest: 5)
      }
      var failure: LogError?
      token.withUnsafeBytes { token in
        text.withUnsafeBytes { text in
          do throws(LogError) {
            try reading(0, .checkin, .device, token, value: 1, .none)
            try reading(1, .checkin, .device, token, value: nil, .none)
            try reading(
              2, .response, .corrected, UnsafeRawBufferPointer(rebasing: token[..<8]), value: -5,
              .integer(4_294_967_295))
            try reading(3, .incident, .arrival, nil, value: 7, .text(text))
            try reading(4, .incident, .arrival, nil, value: 7, .text(UnsafeRawBufferPointer(rebasing: text[..<0])))
            try reading(5, .incident, .arrival, nil, value: 7, .none)
            try reading(6, .status, .arrival, nil, value: nil, .text(text))
          } catch { failure = error }
        }
      }
      if let failure { throw failure }
    }
    let found = try export(log, ReadingFilter())
    try #require(found.count == 7)
    for (index, reading) in found.enumerated() {
      #expect(reading.site == "main" && reading.device == "t-1" && reading.place == "room-1")
      #expect(reading.epoch == 9 && reading.seq == 4 && reading.index == Int64(index))
      #expect(reading.eventTime == 1_000 && reading.receivedTime == 900)
    }
    #expect(found[0].token == token && found[0].value == 1 && found[0].quality == .device)
    #expect(found[1].token == token && found[1].value == nil)
    #expect(found[2].token == Array(token.prefix(8)) && found[2].value == -5 && found[2].item == 4_294_967_295)
    #expect(found[2].text == nil && found[2].quality == .corrected)
    #expect(found[3].text == whole && found[3].token == nil && found[3].item == nil)
    #expect(found[4].text == "")
    #expect(found[5].text == nil)
    #expect(found[6].text == whole && found[6].value == nil && found[6].quality == .arrival)
  }

  @Test func aMovedDevicesReadingsKeepThePlaceTheyWereMadeAt() throws {
    let log = try Log()
    var ids = try log.store.register([(site: "a", device: "b", place: "old")])
    let boot = try log.boot(device: ids[0], epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    ids = try log.store.register([(site: "a", device: "b", place: "new")])
    try log.store([.init(boot: boot, seq: 2)])
    ids = try log.store.register([(site: "a", device: "b", place: "new")])
    #expect(try export(log, ReadingFilter()).map(\.place) == ["old", "new"])
    #expect(try log.scalar("SELECT count(*) FROM placement") == 2)
  }
}

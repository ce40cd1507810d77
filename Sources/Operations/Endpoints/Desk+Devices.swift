import Aggregation
import Campus
import Hummingbird
import ReadingLog

extension Desk {
  /// Hours of a device's health that are shown.
  private static let hours: Int64 = 48
  /// Its newest readings that are shown.
  private static let recent = 20

  var deviceEndpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/v1/devices", parameters: ["site", "building", "place", "state", "q"] + Query.paging,
        forms: Form.lists
      ) { try await devices($0) },
      Endpoint(.get, "/api/v1/devices/{site}/{device}", forms: [.json]) { try await device($0) },
      Endpoint(.get, "/api/v1/gaps", parameters: ["site", "device", "all"] + Query.paging, forms: Form.lists) {
        try await gaps($0)
      },
    ]
  }

  private func devices(_ call: Call) async throws -> Response {
    let query = call.query
    let site = try query.text("site")
    let building = try query.text("building")
    let place = try query.text("place")
    let state = try query.choice("state", DeviceBook.State.allCases) { $0.rawValue }
    let words = try query.text("q")?.lowercased()
    let limit = try query.limit()
    let book = sampler.book
    var first = 0
    if let last = try query.cursor(of: "devices", count: 2) {
      first = book.firstIndex(after: Device.Name(site: last[0], device: last[1]))
    }
    let begin = first
    let form = call.form
    let page = try await work.read {
      let entries = book.entries
      var page = ListPage(form, columns: DeviceBook.Entry.columns)
      // Each is asked in its place: an entry holds a dozen texts.
      for index in begin..<entries.count {
        if let site, entries[index].site != site { continue }
        if let building, entries[index].place.buildingID != building { continue }
        if let place, entries[index].place.placeID != place { continue }
        if let state, entries[index].state != state { continue }
        if let words, !entries[index].mentions(words) { continue }
        page.add(entries[index])
        guard page.count == limit else { continue }
        if index + 1 < entries.count {
          page.next = Cursor.encode("devices", [entries[index].site, entries[index].device])
        }
        break
      }
      return page
    }
    return page.response(to: call)
  }

  private func device(_ call: Call) async throws -> Response {
    let (site, name) = (call.captures[0], call.captures[1])
    guard let entry = sampler.book.entry(site: site, device: name) else {
      throw Problem(.notFound, "the campus has no device \(site)/\(name): /api/v1/devices lists them")
    }
    let store = parts.store
    let hour: Int64 = 3_600_000
    let first = parts.now() / hour * hour - (Desk.hours - 1) * hour
    // In some zones hours begin on UTC's half or quarter.
    let starts = (0..<(Desk.hours * 4)).map { first + $0 * hour / 4 }
    let (hours, gaps, recent) = try await work.read {
      (
        try store.aggregates(
          kind: AggregateKind.device.rawValue, scope: AggregateScope.device.rawValue,
          grain: AggregateGrain.hour.rawValue, name: "\(site)/\(name)", starts: starts),
        try store.gaps(all: false, site: site, device: name, after: nil, limit: 1_000).gaps,
        try store.recentReadings(site: site, device: name, limit: Desk.recent)
      )
    }
    var members = JSONMembers()
    entry.write(to: &members)
    members.add("hours", .array(try hours.map { try Desk.hour($0) }))
    members.add("gaps", .array(gaps.map(\.json)))
    members.add("recent", .array(recent.map { Desk.json($0) }))
    return Answer.json(members.json)
  }

  private static func json(_ reading: ExportedReading) -> JSON {
    var bytes: ContiguousArray<UInt8> = []
    ReadingLine.json(reading, to: &bytes)
    return .raw(bytes)
  }

  private static func hour(_ stored: StoredAggregate) throws -> JSON {
    let measures = try AggregateItem(stored).measures
    var members = JSONMembers()
    members.add("start", .integer(stored.start))
    members.add("end", .integer(stored.end))
    members.add("measures", writing: { measures.appendJSON(to: &$0) })
    return members.json
  }

  // MARK: Gaps

  private static let gapColumns = ["site", "device", "epoch", "first", "last", "noticed_time", "abandoned_time"]

  private func gaps(_ call: Call) async throws -> Response {
    let query = call.query
    let all = try query.boolean("all") ?? false
    let site = try query.text("site")
    let device = try query.text("device")
    let limit = try query.limit()
    var position: LogStore.GapPosition?
    if let last = try query.cursorNumbers(of: all ? "all-gaps" : "gaps", count: 3) {
      position = LogStore.GapPosition(device: last[0], boot: last[1], first: last[2])
    }
    let (store, after) = (parts.store, position)
    let page = try await work.read {
      let (gaps, next) = try store.gaps(all: all, site: site, device: device, after: after, limit: limit)
      var page = ListPage(call.form, columns: Desk.gapColumns)
      for gap in gaps { page.add(gap) }
      page.next = next.map { Cursor.encode(all ? "all-gaps" : "gaps", ["\($0.device)", "\($0.boot)", "\($0.first)"]) }
      return page
    }
    return page.response(to: call)
  }
}

extension MissingRange: Members {
  func write(to members: inout some MemberWriter) {
    members.add("site", .text(site))
    members.add("device", .text(device))
    members.add("epoch", .integer(epoch))
    members.add("first", .integer(first))
    members.add("last", .integer(last))
    members.add("noticed_time", .integer(noticedTime))
    members.add("abandoned_time", JSON(abandonedTime))
  }
}

extension DeviceBook.Entry {
  /// Whether a person who looks for this finds it here. `words`: in lower case.
  func mentions(_ words: String) -> Bool {
    let texts = ["\(site)/\(device)", place.placeID, place.placeName ?? "", place.buildingName ?? "", model]
    return texts.contains { $0.lowercased().contains(words) }
  }
}

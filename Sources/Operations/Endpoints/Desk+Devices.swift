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
      ) { try devices($0) },
      Endpoint(.get, "/api/v1/devices/{site}/{device}", forms: [.json]) { try await device($0) },
      Endpoint(.get, "/api/v1/gaps", parameters: ["site", "device", "all"] + Query.paging, forms: Form.lists) {
        try await gaps($0)
      },
    ]
  }

  private func devices(_ call: Call) throws -> Response {
    let query = call.query
    let site = try query.text("site")
    let building = try query.text("building")
    let place = try query.text("place")
    let state = try query.choice("state", DeviceBook.State.allCases) { $0.rawValue }
    let words = try query.text("q")?.lowercased()
    let limit = try query.limit()
    let book = sampler.book
    var index = 0
    if let last = try query.cursor(of: "devices", count: 2) {
      index = book.firstIndex(after: Device.Name(site: last[0], device: last[1]))
    }
    var page = ListPage(items: [], columns: DeviceBook.Entry.columns)
    while index < book.entries.count {
      let entry = book.entries[index]
      index += 1
      if let site, entry.site != site { continue }
      if let building, entry.place.buildingID != building { continue }
      if let place, entry.place.placeID != place { continue }
      if let state, entry.state != state { continue }
      if let words, !entry.mentions(words) { continue }
      page.items.append(.members(entry.members))
      if page.items.count == limit {
        if index < book.entries.count { page.next = Cursor.encode("devices", [entry.site, entry.device]) }
        break
      }
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
    var members = entry.members
    members.add("hours", .array(try hours.map { try Desk.hour($0) }))
    members.add("gaps", .array(gaps.map { Desk.members(of: $0).json }))
    members.add(
      "recent",
      .array(
        recent.map {
          var bytes: ContiguousArray<UInt8> = []
          ReadingLine.json($0, to: &bytes)
          return JSON.raw(bytes)
        }))
    return Answer.json(members.json)
  }

  private static func hour(_ stored: StoredAggregate) throws -> JSON {
    var measures: ContiguousArray<UInt8> = []
    try AggregateItem(stored).measures.appendJSON(to: &measures)
    var members = JSONMembers()
    members.add("start", .integer(stored.start))
    members.add("end", .integer(stored.end))
    members.add("measures", .raw(measures))
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
    let (gaps, next) = try await work.read {
      try store.gaps(all: all, site: site, device: device, after: after, limit: limit)
    }
    var page = ListPage(items: gaps.map { .members(Desk.members(of: $0)) }, columns: Desk.gapColumns)
    page.next = next.map { Cursor.encode(all ? "all-gaps" : "gaps", ["\($0.device)", "\($0.boot)", "\($0.first)"]) }
    return page.response(to: call)
  }

  private static func members(of gap: MissingRange) -> JSONMembers {
    var members = JSONMembers()
    members.add("site", .text(gap.site))
    members.add("device", .text(gap.device))
    members.add("epoch", .integer(gap.epoch))
    members.add("first", .integer(gap.first))
    members.add("last", .integer(gap.last))
    members.add("noticed_time", .integer(gap.noticedTime))
    members.add("abandoned_time", JSON(gap.abandonedTime))
    return members
  }
}

extension DeviceBook.Entry {
  /// Whether a person who looks for this finds it here. `words`: in lower case.
  func mentions(_ words: String) -> Bool {
    let texts = ["\(site)/\(device)", place.placeID, place.placeName ?? "", place.buildingName ?? "", model]
    return texts.contains { $0.lowercased().contains(words) }
  }
}

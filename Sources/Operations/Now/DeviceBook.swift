import Campus

/// The devices of the campus as they were a few seconds ago, by site and name.
struct DeviceBook: Sendable {
  enum State: String, Sendable, CaseIterable { case heard, silent, never }

  enum Fault: String, Sendable, CaseIterable {
    case clock, battery, backlog, gaps
    case noKey = "no_key"
  }

  /// What a place is called, and where it lies.
  struct Whereabouts: Sendable {
    var placeID: String
    var placeName: String?
    var kind: String?
    var buildingID: String?
    var buildingName: String?
    var unitName: String?
  }

  struct Entry: Sendable {
    var site: String
    var device: String
    var place: Whereabouts
    var model: String
    var auth: String
    var keys: Int64 = 0
    var boots: Int64 = 0
    var missing: Int64 = 0
    var isOnline: Bool?
    var presenceTime: Int64?
    /// Unix milliseconds; nil: never.
    var heard: Int64?
    /// Milliseconds; nil: not known.
    var clockOffset: Int64?
    var batteryPercent: Int64?
    /// Frames it holds back.
    var backlog: Int64?
    var state = State.never
    var faults: [Fault] = []
  }

  /// Milliseconds without a frame after which a device is silent.
  static let silentAfter: Int64 = 15 * 60_000
  /// Percent of a battery's charge below which it is to be looked after.
  static let lowBattery: Int64 = 20
  /// Frames held back that are more than a moment without a network.
  static let longBacklog: Int64 = 50

  var entries: [Entry] = []

  var counts: Snapshot.DeviceCounts {
    var counts = Snapshot.DeviceCounts()
    counts.known = entries.count
    for entry in entries {
      switch entry.state {
      case .heard: counts.heard += 1
      case .silent: counts.silent += 1
      case .never: counts.never += 1
      }
    }
    return counts
  }

  func entry(site: String, device: String) -> Entry? {
    let name = Device.Name(site: site, device: device)
    let index = firstIndex(after: name, inclusive: true)
    guard index < entries.count, entries[index].name == name else { return nil }
    return entries[index]
  }

  /// The place of the first entry after a name; entries are sorted.
  func firstIndex(after name: Device.Name, inclusive: Bool = false) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      let isBefore = entries[middle].name < name || (!inclusive && entries[middle].name == name)
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Of a lithium cell, between the voltages at which it is empty and full.
  static func percent(millivolts: Int64) -> Int64 { max(0, min(100, (millivolts - 3_300) * 100 / 900)) }
}

extension DeviceBook.Entry: Members {
  var name: Device.Name { Device.Name(site: site, device: device) }

  /// Says what follows from the rest.
  mutating func judge(now: Int64) {
    if let heard {
      state = now - heard < DeviceBook.silentAfter ? .heard : .silent
    } else {
      state = .never
    }
    faults = []
    if let clockOffset, clockOffset != 0 { faults.append(.clock) }
    if let batteryPercent, batteryPercent < DeviceBook.lowBattery { faults.append(.battery) }
    if let backlog, backlog >= DeviceBook.longBacklog { faults.append(.backlog) }
    if missing > 0 { faults.append(.gaps) }
    if auth == Device.Authentication.mac.rawValue, keys == 0 { faults.append(.noKey) }
  }

  static let columns = [
    "site", "device", "place_id", "place_name", "building_id", "building_name", "kind", "unit_name", "model", "auth",
    "keys", "online", "presence_time", "last_heard", "state", "problems", "battery_percent", "clock_offset_ms",
    "backlog", "missing", "boots",
  ]

  func write(to members: inout some MemberWriter) {
    members.add("site", .text(site))
    members.add("device", .text(device))
    members.add("place_id", .text(place.placeID))
    members.add("place_name", JSON(place.placeName))
    members.add("building_id", JSON(place.buildingID))
    members.add("building_name", JSON(place.buildingName))
    members.add("kind", JSON(place.kind))
    members.add("unit_name", JSON(place.unitName))
    members.add("model", .text(model))
    members.add("auth", .text(auth))
    members.add("keys", .integer(keys))
    members.add("online", JSON(isOnline))
    members.add("presence_time", JSON(presenceTime))
    members.add("last_heard", JSON(heard))
    members.add("state", .text(state.rawValue))
    members.add("problems", .array(faults.map { JSON.text($0.rawValue) }))
    members.add("battery_percent", JSON(batteryPercent))
    members.add("clock_offset_ms", JSON(clockOffset))
    members.add("backlog", JSON(backlog))
    members.add("missing", .integer(missing))
    members.add("boots", .integer(boots))
  }
}

import Campus

/// Which devices stand where, and what they are for.
struct DeviceMap: Sendable {
  /// Devices that take check-ins, by place.
  private(set) var terminals: [String: [Int32]] = [:]
  /// Card readers of each dormitory and each gate, in the order of the campus directory.
  private(set) var dormitories: [[Int32]] = []
  private(set) var gates: [[Int32]] = []
  /// Kiosks with the survey items of their place.
  private(set) var kiosks: [(device: Int32, place: Int, items: [Int])] = []

  init(_ campus: Campus, _ devices: [SimulatedDevice]) {
    let places = Dictionary(
      campus.places.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var readers: [Int: [Int32]] = [:]
    for (index, device) in devices.enumerated() {
      guard let row = campus.device(site: device.name.site, device: device.name.device),
        let place = places[row.placeID]
      else { continue }
      switch device.role {
      case .terminal: terminals[row.placeID, default: []].append(Int32(index))
      case .reader: readers[place, default: []].append(Int32(index))
      case .kiosk:
        let items = Self.items(campus, at: campus.places[place])
        if !items.isEmpty { kiosks.append((Int32(index), place, items)) }
      }
    }
    for (place, devices) in readers.sorted(by: { $0.key < $1.key }) {
      switch campus.places[place].kind {
      case .dormitory: dormitories.append(devices)
      case .gate: gates.append(devices)
      // A reader on a classroom door takes check-ins.
      default: terminals[campus.places[place].id, default: []] += devices
      }
    }
  }

  /// Positions in `campus.surveys` of what is asked at a place: by its kind, else by what it lies in.
  private static func items(_ campus: Campus, at place: Place) -> [Int] {
    for place in campus.path(ofPlace: place.id) {
      let items = campus.surveys.indices.filter { campus.surveys[$0].placeKind == place.kind }
      if !items.isEmpty { return items }
    }
    return []
  }
}

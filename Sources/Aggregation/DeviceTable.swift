import ReadingLog

/// The devices by the store's number, with what the fold remembers of each from reading to reading.
final class DeviceTable {
  struct Entry {
    /// Of `{site}/{device}`; -1: the store has no such device.
    var name: Int32 = -1
    /// Its place's position in the campus version in force; -1: it stands nowhere.
    var place: Int32 = -1
    /// Of its place; -1: nothing meets there.
    var schedule: Int32 = -1
    /// Times at which being heard changes nothing any more, by event time and by time received.
    var heardEvent = Window(start: 0, end: 0)
    var heardReceived = Window(start: 0, end: 0)
    /// The five minutes for which the slots below hold, since 1970.
    var bucket = Int64.min
    var generation = -1
    var hourSlot: Int32 = -1
    var daySlot: Int32 = -1
  }

  var entries: ContiguousArray<Entry> = []
  private let store: LogStore
  private let names: Names

  init(_ store: LogStore, names: Names) {
    self.store = store
    self.names = names
  }

  /// Places every device under a campus version.
  func place(_ view: CampusView, _ timetable: Timetable) throws(LogError) {
    entries.removeAll()
    for device in try store.devices() {
      while entries.count <= device.id { entries.append(Entry()) }
      var entry = Entry()
      entry.name = names.number("\(device.site)/\(device.device)")
      if let place = view.devicePlaces[entry.name] {
        entry.place = place
        entry.schedule = timetable.schedule(ofPlace: view.places[Int(place)].name)
      }
      entries[Int(device.id)] = entry
    }
  }

  /// Whether a device has an entry.
  @inline(__always)
  func has(_ device: Int32) -> Bool { device >= 0 && Int(device) < entries.count && entries[Int(device)].name >= 0 }
}

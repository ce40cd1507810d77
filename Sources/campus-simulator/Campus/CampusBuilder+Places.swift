import Campus

extension CampusBuilder {
  /// Buildings with rooms, canteens with counters, dormitories, gates; each with the unit responsible for it.
  mutating func makePlaces(rooms count: Int?) {
    place("campus", nil, .campus, "主校区", "school")
    // Twenty meetings fit a room a week, and a class has about ten.
    let wanted = count ?? max(4, (classes.count * 11 + 19) / 20 + 1)
    let perHall = max(1, min(40, (wanted + Names.halls.count - 1) / Names.halls.count))
    for number in 0..<wanted {
      let hall = number / perHall
      let hallID = "hall-\(hall + 1)"
      if number % perHall == 0 {
        let turn = hall / Names.halls.count
        let name = Names.halls[hall % Names.halls.count] + (turn > 0 ? "\(turn + 1)号楼" : "")
        place(hallID, "campus", .building, name, "office-2")
      }
      let door = "\(number % perHall / 10 + 1)\(LocalDay.two(number % 10 + 1))"
      let id = "room-\(number + 1)"
      rooms.append(id)
      place(id, hallID, .room, "\(Names.halls[hall % Names.halls.count])\(door)", "col-\(number % collegeCount + 1)")
    }
    for number in 0..<min(Names.canteens.count, max(1, studentCount / 1_500 + 1)) {
      let id = "canteen-\(number + 1)"
      place(id, "campus", .canteen, Names.canteens[number], "office-4")
      for (index, name) in Names.counters.enumerated() {
        place("\(id)-\(index + 1)", id, .counter, Names.canteens[number] + name, "office-4")
      }
    }
    for number in 0..<max(2, (studentCount + 599) / 600) {
      let garden = Names.dormitories[number % Names.dormitories.count]
      let name = "\(garden)\(number / Names.dormitories.count + 1)号公寓"
      place("dorm-\(number + 1)", "campus", .dormitory, name, "office-3")
    }
    for number in 0..<min(Names.gates.count, max(2, studentCount / 2_000 + 1)) {
      place("gate-\(number + 1)", "campus", .gate, Names.gates[number], "office-6")
    }
  }

  private mutating func place(
    _ id: String, _ parent: String?, _ kind: Place.Kind, _ name: String, _ unit: String
  ) {
    places.append(Place(id: id, parentID: parent, kind: kind, name: name, unitID: unit))
  }

  /// A terminal a room, readers at gates and dormitories, kiosks in canteens and dormitories.
  ///
  /// Asked for more, rooms get further terminals; asked for fewer, what is first in this order stays.
  mutating func makeDevices(count: Int?) {
    let gates = ids(.gate)
    let dormitories = ids(.dormitory)
    let canteens = ids(.canteen)
    add("reader", Array(gates.prefix(1)), .mac)
    add("reader", Array(dormitories.prefix(1)), .mac)
    // Kiosks of another make speak JSON.
    add("kiosk", Array(canteens.prefix(1)), .transport)
    add("kiosk", Array(canteens.prefix(1)), .mac)
    add("terminal", rooms, .mac)
    add("reader", Array(dormitories.dropFirst()), .mac)
    add("kiosk", Array(canteens.dropFirst()), .mac)
    add("kiosk", Array(dormitories.prefix(1)), .transport)
    add("kiosk", Array(dormitories.dropFirst()), .mac)
    add("reader", gates + gates.dropFirst(), .mac)
    add("kiosk", canteens, .mac)
    guard let count else { return }
    if count < devices.count {
      devices.removeLast(devices.count - count)
    } else {
      let missing = count - devices.count
      add("terminal", (0..<missing).map { rooms[$0 % rooms.count] }, .mac)
    }
  }

  private func ids(_ kind: Place.Kind) -> [String] { places.filter { $0.kind == kind }.map(\.id) }

  private mutating func add(_ model: String, _ places: [String], _ auth: Device.Authentication) {
    for place in places {
      let number = "\(devices.count + 1)"
      let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
      let prefix = model == "terminal" ? "term" : model
      devices.append(
        Device(site: "main", device: "\(prefix)-\(padded)", placeID: place, model: model, auth: auth))
    }
  }

  /// What kiosks ask in canteens and dormitories, and terminals at the end of a lesson.
  mutating func makeSurveys() {
    let asked: [(UInt32, Place.Kind, String, String, Int32, Int32)] = [
      (1, .canteen, "taste", "菜品口味", 1, 5), (2, .canteen, "hygiene", "卫生状况", 1, 5),
      (3, .canteen, "price", "价格合理", 1, 5), (4, .canteen, "service", "服务态度", 1, 5),
      (11, .dormitory, "repair", "维修及时", 1, 5), (12, .dormitory, "hygiene", "环境卫生", 1, 5),
      (13, .dormitory, "safety", "安全管理", 1, 5), (31, .room, "assessment", "课堂检测得分", 0, 100),
    ]
    surveys = asked.map { item, kind, dimension, text, least, most in
      SurveyItem(item: item, placeKind: kind, dimension: dimension, text: text, scores: least...most)
    }
  }
}

extension CampusLoader {
  mutating func readUnits() -> Register<OrganisationUnit> {
    read(.units) { table in
      let id = table.required(0)
      table.link(id, to: table.optional(1))
      let level: OrganisationUnit.Level? = table.value(2)
      guard let id, let level else { return (id, nil) }
      let unit = OrganisationUnit(
        id: id, parentID: table.optional(1), level: level, name: table.text(3))
      return (id, unit)
    } finish: { table, units in
      Hierarchy.check(&table, units) { unit, parent in
        unit.level.mayLie(in: parent.level)
          ? nil
          : .misplaced(
            kind: unit.level.rawValue, parent: parent.id, parentKind: parent.level.rawValue)
      }
    }
  }

  mutating func readPlaces(_ units: Register<OrganisationUnit>) -> Register<Place> {
    read(.places) { table in
      let id = table.required(0)
      table.link(id, to: table.optional(1))
      let kind: Place.Kind? = table.value(2)
      let unit = table.optionalReference(4, to: units)
      guard let id, let kind else { return (id, nil) }
      let place = Place(
        id: id, parentID: table.optional(1), kind: kind, name: table.text(3), unitID: unit)
      return (id, place)
    } finish: { table, places in
      Hierarchy.check(&table, places) { place, parent in
        place.kind.mayLie(in: parent.kind)
          ? nil
          : .misplaced(
            kind: place.kind.rawValue, parent: parent.id, parentKind: parent.kind.rawValue)
      }
    }
  }

  mutating func readPeople(_ units: Register<OrganisationUnit>) -> Register<Person> {
    var holders: [[UInt8]: (person: String, line: Int)] = [:]
    return read(.people) { table in
      let id = table.required(0)
      let role: Person.Role? = table.value(1)
      let unit = table.optionalReference(3, to: units)
      let cards = CardCell.read(&table, column: 4)
      for (position, card) in cards {
        if let holder = holders[card] {
          table.refuse(
            .sharedCard(position: position, person: holder.person, line: holder.line))
        } else {
          holders[card] = (id ?? "", table.line)
        }
      }
      guard let id, let role else { return (id, nil) }
      let person = Person(
        id: id, role: role, name: table.text(2), unitID: unit, cards: cards.map(\.card))
      return (id, person)
    }
  }

  mutating func readDevices(_ places: Register<Place>) -> Register<Device> {
    read(.devices) { table in
      let site = table.topicName(0)
      let device = table.topicName(1)
      let place = table.reference(2, to: places)
      let auth: Device.Authentication? = table.value(3)
      guard let site, let device else { return (nil, nil) }
      let id = Device.Name(site: site, device: device).description
      guard let place, let auth else { return (id, nil) }
      return (
        id,
        Device(
          site: site, device: device, placeID: place, model: table.text(4), auth: auth,
          adapter: table.optional(5))
      )
    }
  }

  mutating func readCourses(_ units: Register<OrganisationUnit>) -> Register<Course> {
    read(.courses) { table in
      let id = table.required(0)
      let unit = table.optionalReference(2, to: units)
      return (id, id.map { Course(id: $0, name: table.text(1), unitID: unit) })
    }
  }

  mutating func readSessions(
    _ courses: Register<Course>, _ people: Register<Person>, _ places: Register<Place>
  ) -> Register<Session> {
    let isLimited = !wereAccepted
    return read(.sessions) { table in
      let id = table.required(0)
      let course = table.reference(1, to: courses)
      let group = table.required(2)
      let teacher = table.reference(3, to: people)
      if let teacher, let role = people[teacher]?.role, role != .teacher {
        table.refuse(.notATeacher(person: teacher, role: role))
      }
      let place = table.reference(4, to: places)
      let start = table.time(5)
      let end = table.time(6)
      if let start, let end, end <= start { table.refuse(.endNotAfterStart) }
      if isLimited, let start, let end, end - start > Session.hoursAtMost * 3_600_000 {
        table.refuse(.meetingTooLong(limitHours: Session.hoursAtMost))
      }
      if isLimited, let start, !Session.starts.contains(start) {
        table.refuse(.startOutOfYears(first: Session.years.lowerBound, last: Session.years.upperBound))
      }
      guard let id, let course, let group, let teacher, let place, let start, let end else {
        return (id, nil)
      }
      let session = Session(
        id: id, courseID: course, groupID: group, teacherID: teacher, placeID: place,
        start: start, end: end)
      return (id, session)
    }
  }

  mutating func readSurveys() -> Register<SurveyItem> {
    read(.surveys) { table in
      let item: UInt32? = table.integer(0)
      let kind: Place.Kind? = table.value(1)
      let dimension = table.required(2)
      let least: Int32? = table.integer(4)
      let greatest: Int32? = table.integer(5)
      if let least, let greatest, least > greatest {
        table.refuse(.leastAboveGreatest(least: least, greatest: greatest))
      }
      // The number, not its spelling: 01 and 1 are one item.
      let id = item.map(String.init)
      guard let item, let kind, let dimension, let least, let greatest, least <= greatest else {
        return (id, nil)
      }
      let survey = SurveyItem(
        item: item, placeKind: kind, dimension: dimension, text: table.text(3),
        scores: least...greatest)
      return (id, survey)
    }
  }
}

// Times of day: "HH:MM" as minutes since midnight, and spans of them, which may go past midnight.

export const MINUTES_A_DAY = 24 * 60

// "24:00" is the end of the day.
export const TIME = '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$'

export const OFFSET = '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$'

export function minutesOf (time) {
  const [hours, minutes] = time.split(':').map(Number)
  return hours * 60 + minutes
}

// Minutes east of Greenwich, of a text such as "+02:00".
export function offsetOf (text) {
  return (text.startsWith('-') ? -1 : 1) * minutesOf(text.slice(1))
}

export function minuteOfDay (date, offset) {
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes() + offset
  return (minute + MINUTES_A_DAY) % MINUTES_A_DAY
}

export function covers ({ from, until }, minute) {
  return from <= until ? from <= minute && minute < until : from <= minute || minute < until
}
